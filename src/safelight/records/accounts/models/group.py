"""Who belongs to a closed list of people, such as a tumour board or a family?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from safelight.kernel.ids import new_id
from safelight.platform.keys.fields import SameSealedField, SealedTextField
from safelight.records.accounts.models.account import Account
from safelight.records.accounts.models.organization import Organization

if TYPE_CHECKING:
    from uuid import UUID


class Group(models.Model):
    """A closed list that one person manages. `same_name` finds it by its exact name."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    manager = models.ForeignKey(Account, models.PROTECT, related_name="managed_groups")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="groups")
    name = SealedTextField()
    same_name = SameSealedField(max_length=720, db_index=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class GroupMember(models.Model):
    """One person of a group, from a moment until they leave."""

    group = models.ForeignKey(Group, models.PROTECT, related_name="members")
    account = models.ForeignKey(Account, models.PROTECT, related_name="groups")
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("group", "account"),
                condition=models.Q(ended_at__isnull=True),
                name="a_member_once_a_group",
            ),
        )
