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


class Cause(models.TextChoices):
    """Why somebody's exams are watched. Values are stable codes."""

    KNOWN = "known"
    WORKS_HERE = "works-here"
    FAMILY = "family"
    THREATENED = "threatened"
    OTHER = "other"


class Watched(models.Model):
    """A person whose exams draw the curious: each look of somebody at work is reviewed.

    `subject` is "account/<id>", or "patient/<id>" of who has no account. One for the whole
    instance has no `organization_id`; one of an institution counts for its exams and people.
    """

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    subject = models.CharField(max_length=64, db_index=True)
    organization_id = models.UUIDField(null=True)
    cause = models.CharField(max_length=12, choices=Cause.choices)
    words = SealedTextField(null=True)
    by_id = models.UUIDField()
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="watched_ends_after_it_began",
                condition=models.Q(until__gt=models.F("since")),
            )
        ]


class Place(models.Model):
    """Up to which entry the rules have read the record."""

    name = models.CharField(primary_key=True, max_length=20)
    seq = models.BigIntegerField(default=0)
