"""What is kept of a question that a person set? Its words sealed, of its answer a hash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from safelight.kernel.ids import new_id
from safelight.platform.keys.fields import SealedTextField
from safelight.records.accounts.models import Account

if TYPE_CHECKING:
    from uuid import UUID


class SecretQuestion(models.Model):
    """One question of one account, in the person's own words, and the hash of its answer."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    words = SealedTextField()
    answer_hash = models.CharField(max_length=256)
    added_at = models.DateTimeField()
