"""What is kept of a report that was written here, beside the object that holds it?

The paper itself lies in the exam as a DICOM object, like any other. Here stands who wrote it,
what it adds to, and the words, sealed under the study's key: erased with the exam.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from safelight.kernel.ids import new_id


class WrittenReport(models.Model):
    """One version: a draft that its author alone sees, or signed and never changed again.

    `chain_id` is the id of the first one; what adds to it counts on in `number`, from 1.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    vault_id = models.UUIDField()
    study_id = models.UUIDField(db_index=True)
    author_id = models.UUIDField()
    chain_id = models.UUIDField()
    number = models.IntegerField()
    begun_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    signed_digest = models.BinaryField(max_length=32)
    authorization_id = models.UUIDField(null=True, unique=True)
    instance_id = models.UUIDField(null=True, unique=True)
    sealed_content = models.BinaryField()
    sealed_paper = models.BinaryField(default=bytes)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_signed_report_of_a_number",
                fields=["chain_id", "number"],
                condition=Q(signed_at__isnull=False),
            ),
            models.UniqueConstraint(
                name="one_draft_of_an_author",
                fields=["study_id", "author_id"],
                condition=Q(signed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="a_signed_report_is_whole",
                condition=Q(
                    signed_at__isnull=True,
                    authorization_id__isnull=True,
                    instance_id__isnull=True,
                )
                | Q(
                    signed_at__isnull=False,
                    authorization_id__isnull=False,
                    instance_id__isnull=False,
                ),
            ),
        ]
