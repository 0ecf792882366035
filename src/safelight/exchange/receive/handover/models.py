"""What is kept of one exam that another Safelight hands over, and of each object of it?

The terms are sealed. `transfer_id` is the sender's own name for it. `study_id` is the exam in
which something of it was kept that was not here before, and `brought` says that the exam
itself came with it: then what is done with it here concerns the sender's patient.
"""

from __future__ import annotations

from django.db import models

from safelight.kernel.ids import new_id


class HandoverState(models.TextChoices):
    """Where a handover stands. Agreed: both sides count and hash the same."""

    OPEN = "open"
    AGREED = "agreed"
    WITHDRAWN = "withdrawn"


class Handover(models.Model):
    """One exam, announced by a partner's Safelight before its first object."""

    id = models.UUIDField(primary_key=True, default=new_id)
    connection_id = models.UUIDField()
    transfer_id = models.UUIDField()
    organization_id = models.UUIDField(db_index=True)
    vault_id = models.UUIDField()
    study_token = models.BinaryField(max_length=16)
    sealed_terms = models.BinaryField()
    state = models.CharField(
        max_length=10, choices=HandoverState.choices, default=HandoverState.OPEN
    )
    wanted = models.IntegerField()
    study_id = models.UUIDField(null=True, db_index=True)
    brought = models.BooleanField(default=False)
    announced_at = models.DateTimeField()
    agreed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection_id", "transfer_id"], name="a_handover_once")
        ]


class HandedObject(models.Model):
    """One object that came and is kept. `sha256` is of the file as it came."""

    handover = models.ForeignKey(Handover, models.PROTECT, related_name="kept")
    sha256 = models.BinaryField(max_length=32)
    ruling = models.CharField(max_length=10)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["handover", "sha256"], name="an_object_handed_once")
        ]
