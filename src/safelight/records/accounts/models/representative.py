"""Who acts for somebody else, by what right, how far, and until when?

A helper is named by the adult whom they help, by an Authenticated Authorization.
A parent, guardian, proxy or executor shows evidence, which two different people
of one institution have looked at before anything opens. What the database itself
refuses of all this is told by `representative_triggers.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from safelight.kernel.ids import new_id
from safelight.platform.keys.fields import SameSealedField, SealedBytesField, SealedTextField
from safelight.records.accounts.models.account import Account
from safelight.records.accounts.models.organization import Organization

if TYPE_CHECKING:
    from uuid import UUID


class RepresentativeKind(models.TextChoices):
    """By what right somebody acts for another."""

    PARENT = "parent"
    GUARDIAN = "guardian"
    PROXY = "proxy"
    EXECUTOR = "executor"
    HELPER = "helper"


class RepresentativeState(models.TextChoices):
    """Where it stands. Only what is verified or disputed opens anything; ended is final."""

    INVITED = "invited"
    PENDING = "pending"
    VERIFIED = "verified"
    DISPUTED = "disputed"
    BLOCKED = "blocked"
    ENDED = "ended"


class Representative(models.Model):
    """One account that acts for one other account, or for one patient without an account.

    Who is invited has an address before an account. `patient_id` is a patient record,
    whose vault the rooms above know. The last day is sealed, since it tells a
    birthday; so is whatever names anybody.
    """

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    kind = models.CharField(max_length=10, choices=RepresentativeKind.choices)
    state = models.CharField(max_length=10, choices=RepresentativeState.choices)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="represents")
    invited_address = SameSealedField(max_length=720, db_index=True, null=True)
    invited_name = SealedTextField(null=True)
    represented = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    patient_id = models.UUIDField(null=True, db_index=True)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    may_share = models.BooleanField(default=False)
    may_manage = models.BooleanField(default=False)
    may_use_rights = models.BooleanField(default=False)
    represented_name = SealedTextField()
    represented_address = SealedTextField()
    jurisdiction = SealedTextField()
    born_on = SealedTextField()
    ends_on = SealedTextField()
    is_until_majority = models.BooleanField(default=False)
    notices_sent = models.SmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    authorization_id = models.UUIDField(null=True, unique=True)
    first_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    first_at = models.DateTimeField(null=True)
    second_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)
    starts_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=16, default="")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="nobody_represents_themselves",
                condition=Q(represented__isnull=True) | ~Q(represented=F("account")),
            ),
            models.CheckConstraint(
                name="two_different_people_verify",
                condition=Q(second_by__isnull=True)
                | (Q(first_by__isnull=False) & ~Q(second_by=F("first_by"))),
            ),
            models.CheckConstraint(
                name="what_is_verified_has_begun",
                condition=Q(state__in=("invited", "pending", "ended"))
                | Q(starts_at__isnull=False, account__isnull=False),
            ),
        )


class Evidence(models.Model):
    """What shows the right to act: a paper, or words about one. Sealed; kept as it came."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    representative = models.ForeignKey(Representative, models.PROTECT, related_name="evidence")
    by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    note = SealedTextField()
    paper = SealedBytesField()
    paper_name = SealedTextField()
    added_at = models.DateTimeField()
