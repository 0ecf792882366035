"""What waits for a second look, who gave it, and whose exams are watched with care?"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models

from safelight.kernel.ids import new_id
from safelight.platform.keys.fields import SealedTextField

if TYPE_CHECKING:
    from uuid import UUID


class Decision(models.TextChoices):
    """What a reviewer found. Values are stable codes."""

    FINE = "fine"
    TALKED = "talked"
    WRONG = "wrong"


class Item(models.Model):
    """One entry of the record that one rule picked. Undecided until somebody reviewed it.

    `organization_id` is the house for which its actor acted, None for none.
    """

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    entry_id = models.UUIDField()
    rule = models.CharField(max_length=20)
    at = models.DateTimeField()
    kind = models.CharField(max_length=64)
    actor = models.CharField(max_length=128)
    subject = models.CharField(max_length=128)
    vault_id = models.UUIDField(null=True)
    organization_id = models.UUIDField(null=True, db_index=True)
    decision = models.CharField(max_length=10, choices=Decision.choices, default="")
    reviewer_id = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    words = SealedTextField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry_id", "rule"], name="review_once_for_each_rule")
        ]
        indexes: ClassVar = [models.Index(fields=["decision", "-at"], name="review_waiting")]


class Marked(models.Model):
    """A person whose exams draw the curious: each look of somebody at work is reviewed."""

    account_id = models.UUIDField(primary_key=True)
    by_id = models.UUIDField()
    since = models.DateTimeField()


class Place(models.Model):
    """Up to which entry the rules have read the record."""

    name = models.CharField(primary_key=True, max_length=20)
    seq = models.BigIntegerField(default=0)
