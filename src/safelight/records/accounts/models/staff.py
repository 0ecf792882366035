"""Who runs this instance, in which role, from when until when?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from safelight.kernel.ids import new_id
from safelight.records.accounts.models.account import Account

if TYPE_CHECKING:
    from uuid import UUID


class StaffRole(models.TextChoices):
    """What somebody does for the instance itself (requirements 6). None of them opens an exam."""

    SYSTEM_ADMIN = "system_admin"
    SECURITY_OFFICER = "security_officer"
    PRIVACY_OFFICIAL = "privacy_official"
    COUNSEL = "counsel"
    AUDITOR = "auditor"
    SUPPORT = "support"


class Staff(models.Model):
    """One role of one person at the instance. An ended row stays, to say who had it when."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(
        primary_key=True, default=new_id, editable=False
    )
    account = models.ForeignKey(Account, models.PROTECT, related_name="staff_roles")
    role = models.CharField(max_length=20, choices=StaffRole.choices)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="staff_role_is_known", condition=models.Q(role__in=StaffRole.values)
            ),
            models.UniqueConstraint(
                name="staff_role_held_once",
                fields=("account", "role"),
                condition=models.Q(ended_at=None),
            ),
        )
