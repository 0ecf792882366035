"""Who is signed in, from which device, and how surely?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from safelight.kernel.ids import new_id
from safelight.platform.keys.fields import SealedTextField
from safelight.records.accounts.fields import SealedJSONField
from safelight.records.accounts.models.account import Account

if TYPE_CHECKING:
    from uuid import UUID


class Session(models.Model):
    """One browser's session. The row holds the SHA-256 of the key, never the key."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    key_hash = models.BinaryField(max_length=32, unique=True)
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="sessions")
    data = SealedJSONField()
    device = SealedTextField()
    aal = models.PositiveSmallIntegerField(default=0)
    auth_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(db_index=True)


class KnownDevice(models.Model):
    """A browser that this account has signed in from before: the hash of a key it keeps."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    key_hash = models.BinaryField(max_length=32, unique=True)
    device = SealedTextField()
    last_seen_at = models.DateTimeField()
