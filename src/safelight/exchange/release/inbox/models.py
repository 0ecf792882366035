"""What is kept of who takes an exam on? Ids and times: it says nothing of the exam itself."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from safelight.kernel.ids import new_id


class Assignment(models.Model):
    """That somebody of an institution takes an exam on, from when until when, and by whose hand.

    It opens nothing to anybody: who may see the exam is for the rules, now as ever.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    organization_id = models.UUIDField()
    study_id = models.UUIDField(db_index=True)
    account_id = models.UUIDField()
    since = models.DateTimeField()
    by_id = models.UUIDField()
    ended_at = models.DateTimeField(null=True)
    ended_by_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_who_takes_an_exam_on",
                fields=["study_id", "organization_id"],
                condition=Q(ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="an_assignment_ends_by_a_hand",
                condition=Q(ended_at__isnull=True, ended_by_id__isnull=True)
                | Q(ended_at__isnull=False, ended_by_id__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["account_id", "ended_at"], name="assigned_to"),
        ]
