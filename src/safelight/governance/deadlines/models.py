"""Which things run by a clock, what was fired for them, and when does the house not work?"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models

from safelight.kernel.ids import new_id
from safelight.platform.keys.fields import SealedTextField

if TYPE_CHECKING:
    from uuid import UUID


class Deadline(models.Model):
    """One thing that must be done by a time. Open until it is met.

    `clocks` are the names of all that apply, `clock` the strictest of them.
    `extendable_until` is None where one of them allows no extension.
    """

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    clock = models.CharField(max_length=40)
    clocks: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    started = models.DateTimeField()
    due = models.DateTimeField()
    extendable_until = models.DateTimeField(null=True)
    extended_at = models.DateTimeField(null=True)
    reason = SealedTextField(null=True)
    paused_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "clock"], name="deadline_once_for_each_clock"
            ),
            models.CheckConstraint(
                name="deadline_is_due_after_its_start",
                condition=models.Q(due__gte=models.F("started")),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["met_at", "due"], name="deadline_open")]

    @property
    def subject(self) -> str:
        """Its name in the record."""
        return f"{self.subject_kind}/{self.subject_id}"


class Fired(models.Model):
    """One moment of one deadline at which somebody was reminded, or told that it was missed."""

    deadline = models.ForeignKey(Deadline, on_delete=models.CASCADE, related_name="fired")
    moment = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["deadline", "moment"], name="fired_exactly_once")
        ]


class ClosedDay(models.Model):
    """A day other than a weekend's on which the house does not work."""

    day = models.DateField(primary_key=True)
    name = models.CharField(max_length=80)
