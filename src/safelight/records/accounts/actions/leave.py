"""How does somebody's membership of an institution end?

The row alone ends here. What rested on it is closed by `access/caring/leaving.py`,
which is what to call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import record
from safelight.records.accounts.events import AccountEvent
from safelight.records.accounts.models import Membership, Role

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


def end_memberships(
    account_id: UUID, organization_id: UUID, role: Role | None, *, by: str, at: datetime
) -> frozenset[Role]:
    """End one role of a person at an institution, or all, and return those they keep there.

    Call it inside a transaction.

    Raises:
        NotFoundError: they have no such role there.
    """
    there = Membership.objects.select_for_update().filter(
        account_id=account_id, organization_id=organization_id
    )
    live = list(there.exclude(state=Membership.State.ENDED))
    ending = [each for each in live if role is None or each.role == role]
    if not ending:
        raise NotFoundError
    for each in ending:
        Membership.objects.filter(pk=each.pk).update(state=Membership.State.ENDED, ended_at=at)
        record(
            AccountEvent.MEMBERSHIP_ENDED,
            actor=by,
            subject=f"account/{account_id}",
            reason=each.role,
            detail={"organization": str(organization_id)},
            at=at,
        )
    return frozenset(
        Role(each.role)
        for each in live
        if each not in ending and each.state == Membership.State.ACTIVE
    )
