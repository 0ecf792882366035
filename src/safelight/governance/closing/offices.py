"""Which offices must not be left empty? An institution's, and those of the instance."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.kernel.errors import StateConflictError
from safelight.records.accounts.models import Membership, Role, Staff, State

_OFFICES: Final = (Role.ADMIN, Role.PRIVACY_OFFICER)
_LAST_THERE: Final = (
    "Nobody else administers your institution or is its privacy officer. "
    "Somebody has to take this on before you leave."
)
_LAST_HERE: Final = (
    "Nobody else holds your role in running this place. "
    "Whoever runs it has to appoint somebody before you leave."
)


@transaction.atomic
def require_others_in_office(account_id: UUID) -> None:
    """Let pass whoever leaves no office empty.

    The rows of an office are locked to the end of the caller's transaction, where there is
    one: of the last two who leave at once, one stays.

    Raises:
        StateConflictError: they are the last in one.
    """
    theirs = Membership.objects.filter(
        account_id=account_id, state=Membership.State.ACTIVE, role__in=_OFFICES
    )
    for mine in theirs.order_by("organization_id", "role"):
        same = Membership.objects.select_for_update(of=("self",)).filter(
            organization_id=mine.organization_id,
            role=mine.role,
            state=Membership.State.ACTIVE,
            account__state=State.ACTIVE,
        )
        if {each.account_id for each in same} <= {account_id}:
            raise StateConflictError(_LAST_THERE)
    for role in Staff.objects.filter(account_id=account_id, ended_at=None).values_list(
        "role", flat=True
    ):
        rows = Staff.objects.select_for_update(of=("self",)).filter(
            role=role, ended_at=None, account__state=State.ACTIVE
        )
        if {each.account_id for each in rows} <= {account_id}:
            raise StateConflictError(_LAST_HERE)
