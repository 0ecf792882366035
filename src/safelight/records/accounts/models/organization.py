"""Which institution does a provider belong to, and in which roles?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from safelight.kernel import clock
from safelight.kernel.ids import new_id
from safelight.platform.keys.fields import SameSealedField, SealedTextField
from safelight.records.accounts.models.account import Account

if TYPE_CHECKING:
    from uuid import UUID


class Role(models.TextChoices):
    """What a person does at an institution."""

    CLINICIAN = "clinician"
    IMAGING_DESK = "imaging_desk"
    PRIVACY_OFFICER = "privacy_officer"
    ADMIN = "admin"


class Organization(models.Model):
    """An institution. `same_name` finds it by its name, whatever the case."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    name = SealedTextField()
    same_name = SameSealedField(unique=True, max_length=720)
    created_at = models.DateTimeField(default=clock.now)


class Registry(models.Model):
    """That an institution keeps a register, for a purpose and under duties of its own.

    An operator enters it, once there is an agreement. `purpose` and `duties` are the
    registry's own words, as they are shown to whoever might give something to it.
    """

    organization = models.OneToOneField(
        Organization, models.PROTECT, primary_key=True, related_name="registry"
    )
    purpose = SealedTextField()
    duties = SealedTextField()
    entered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class Membership(models.Model):
    """A person's role at an institution, from a day until it ends."""

    class State(models.TextChoices):
        """Only an active membership counts."""

        INVITED = "invited"
        ACTIVE = "active"
        ENDED = "ended"

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    account = models.ForeignKey(Account, models.PROTECT, related_name="memberships")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    since = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("account", "organization", "role"),
                condition=models.Q(state__in=("invited", "active")),
                name="one_membership_per_role",
            ),
        )
