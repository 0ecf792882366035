"""Does this address belong to whoever is typing? A code sent there, typed in here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from safelight.kernel.ids import new_id
from safelight.records.accounts.models.account import Account

if TYPE_CHECKING:
    from uuid import UUID


class Purpose(models.TextChoices):
    """What the proof is for."""

    VERIFY = "verify"
    RESET = "reset"


class AddressProof(models.Model):
    """One code: a keyed hash of it, a few tries, a few minutes, one use."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    # None for an address that no account may prove: the page behaves the same.
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="proofs")
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    code_token = models.BinaryField(max_length=16)
    tries_left = models.PositiveSmallIntegerField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
