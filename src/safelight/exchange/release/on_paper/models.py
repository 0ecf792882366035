"""What is kept of a paper that a patient signed, and of the two who recorded it?

The scan, the words and what was said of the paper lie sealed under the vault's ledger
key, like the consent that comes of it. What the database itself refuses is told by
`triggers.py`.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from safelight.exchange.consent.paper import PaperState
from safelight.kernel.ids import new_id


class SignedPaper(models.Model):
    """One paper: recorded and confirmed by a first person, compared and confirmed by a second.

    `subject_account_id` is the patient's account, where there is one. `state` does not say
    that it has lapsed: see `consent.paper.paper_state_at`.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    vault_id = models.UUIDField()
    organization_id = models.UUIDField(db_index=True)
    subject_account_id = models.UUIDField(null=True, db_index=True)
    state = models.CharField(max_length=8, default=PaperState.PREPARED.value)
    scan_kind = models.CharField(max_length=4)
    recorded_at = models.DateTimeField()
    lapses_at = models.DateTimeField()
    signed_digest = models.BinaryField(max_length=32)
    first_by_id = models.UUIDField()
    first_at = models.DateTimeField(null=True)
    first_authorization_id = models.UUIDField(null=True, unique=True)
    second_by_id = models.UUIDField(null=True)
    second_at = models.DateTimeField(null=True)
    second_authorization_id = models.UUIDField(null=True, unique=True)
    refused_by_id = models.UUIDField(null=True)
    refused_at = models.DateTimeField(null=True)
    consent_id = models.UUIDField(null=True, unique=True)
    sealed_content = models.BinaryField()
    sealed_scan = models.BinaryField()
    sealed_first = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="two_people_compare_a_paper",
                condition=Q(second_by_id__isnull=True) | ~Q(second_by_id=F("first_by_id")),
            ),
            models.CheckConstraint(
                name="a_live_paper_has_two_approvals",
                condition=~Q(state="live")
                | Q(
                    first_authorization_id__isnull=False,
                    second_by_id__isnull=False,
                    second_authorization_id__isnull=False,
                ),
            ),
        ]
