"""Who may be asked to run this instance, and who was?

An operator appoints and dismisses at the command line. A role is no key to exams: what
it opens is decided where it is asked for (exchange/access/staff.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import record
from safelight.records.accounts.events import AccountEvent
from safelight.records.accounts.models import Staff, StaffRole, State


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """One role that somebody has now."""

    account_id: UUID
    role: StaffRole
    since: datetime


def appoint(account_id: UUID, role: StaffRole, *, by: str, at: datetime) -> None:
    """Give somebody a role of the instance; that they have it already is no error."""
    with transaction.atomic():
        _, is_new = Staff.objects.get_or_create(
            account_id=account_id, role=role, ended_at=None, defaults={"begun_at": at}
        )
        if is_new:
            _note(AccountEvent.STAFF_APPOINTED, account_id, role, by=by, at=at)


def dismiss(account_id: UUID, role: StaffRole, *, by: str, at: datetime) -> None:
    """End somebody's role, at once.

    Raises:
        NotFoundError: they do not have it.
    """
    with transaction.atomic():
        live = Staff.objects.filter(account_id=account_id, role=role, ended_at=None)
        if not live.update(ended_at=at):
            raise NotFoundError
        _note(AccountEvent.STAFF_DISMISSED, account_id, role, by=by, at=at)


def roles_of(account_id: UUID) -> frozenset[StaffRole]:
    """Return the roles that an account has at the instance now."""
    rows = Staff.objects.filter(account_id=account_id, ended_at=None)
    return frozenset(StaffRole(role) for role in rows.values_list("role", flat=True))


def staff_with(*roles: StaffRole) -> list[StaffMember]:
    """List who has one of these roles now and may sign in; without roles, all of them."""
    rows = Staff.objects.filter(ended_at=None, account__state=State.ACTIVE)
    if roles:
        rows = rows.filter(role__in=roles)
    return [
        StaffMember(account_id=row.account_id, role=StaffRole(row.role), since=row.begun_at)
        for row in rows.order_by("begun_at", "pk")
    ]


def _note(event: AccountEvent, account_id: UUID, role: StaffRole, *, by: str, at: datetime) -> None:
    record(event, actor=by, subject=f"account/{account_id}", reason=role.value, at=at)
