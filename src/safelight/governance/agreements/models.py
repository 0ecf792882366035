"""What is kept of an agreement with a partner?"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from safelight.kernel.ids import new_id
from safelight.platform.keys.fields import SealedBytesField, SealedTextField
from safelight.records.partners.kinds import AgreementKind


class Agreement(models.Model):
    """One agreement of one kind, from one instant to another, with its paper.

    It opens nothing until somebody else than who recorded it has verified it. `renews` is
    the one that it follows on. What the paper says is sealed; `digest` is its SHA-256.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    organization_id = models.UUIDField(db_index=True)
    partner_id = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=20, choices=AgreementKind.choices)
    parties = SealedTextField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    paper = SealedBytesField()
    digest = models.BinaryField(max_length=32)
    renews = models.ForeignKey("self", models.PROTECT, null=True, related_name="renewals")
    recorded_by = models.CharField(max_length=60)
    recorded_at = models.DateTimeField()
    verified_by = models.CharField(max_length=60, default="")
    verified_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=60, default="")
    ended_because = SealedTextField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_agreement_lasts_for_some_time", condition=Q(ends_at__gt=F("starts_at"))
            ),
            models.CheckConstraint(
                name="two_people_stand_for_an_agreement",
                condition=Q(verified_at__isnull=True)
                | ~Q(verified_by="") & ~Q(verified_by=F("recorded_by")),
            ),
        ]
