"""What is held back for a while, because something looked like misuse?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from safelight.kernel.ids import new_id

if TYPE_CHECKING:
    from uuid import UUID


class HoldKind(models.TextChoices):
    """What a hold keeps from happening."""

    SOURCE = "source"
    STEP_UP = "step-up"
    CLOSED = "closed"
    UPLOADS = "uploads"
    DELETES = "deletes"


class Hold(models.Model):
    """One hold on one subject of the trail ("network/<token>", "session/<id>"), until it is lifted.

    An ended row stays, to say what was held when; `until` is when it lifts itself.
    """

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    kind = models.CharField(max_length=8, choices=HoldKind.choices)
    subject = models.CharField(max_length=80)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="one_hold_of_a_kind",
                fields=("kind", "subject"),
                condition=models.Q(lifted_at=None),
            ),
        )
