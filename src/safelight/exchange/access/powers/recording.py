"""How is it put on record, and told, what needed two people?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from safelight.exchange.access.powers.events import PowerEvent
from safelight.exchange.access.powers.models import Approval, TimedAccess
from safelight.exchange.access.representing.recording import tell
from safelight.platform.audit.actions import record, record_denial
from safelight.records.accounts.models import StaffRole
from safelight.records.accounts.staff import staff_with


def note(
    event: PowerEvent, actor: str, request: Approval, *, session: str = "", at: datetime
) -> None:
    """Put on record what became of a request, in the caller's transaction."""
    record(
        event,
        actor=actor,
        session=session,
        subject=f"approval/{request.pk}",
        on_behalf=f"account/{request.asked_by_id}",
        purpose=request.kind,
        reason=request.cause,
        at=at,
    )


def note_denial(
    event: PowerEvent, actor: str, request: Approval, why: str, *, session: str = "", at: datetime
) -> None:
    """Put on record that somebody tried what they may not, outside any transaction."""
    record_denial(
        event,
        actor=actor,
        session=session,
        subject=f"approval/{request.pk}",
        purpose=request.kind,
        reason=why,
        at=at,
    )


def tell_staff(
    template: str, *roles: StaffRole, but: UUID | None = None, at: datetime
) -> frozenset[UUID]:
    """Send a message without a detail to everybody of these roles; return to whom.

    `but` is who need not be told, since it is their own doing.
    """
    people = frozenset(each.account_id for each in staff_with(*roles)) - {but}
    for account_id in people:
        tell(account_id, template, at=at)
    return frozenset(each for each in people if each is not None)


def note_access(
    event: PowerEvent,
    actor: str,
    access: TimedAccess,
    *,
    session: str = "",
    why: str = "",
    at: datetime,
) -> None:
    """Put on record what became of an access that has only hours, in the caller's transaction."""
    record(
        event,
        actor=actor,
        session=session,
        subject=f"access/{access.pk}",
        on_behalf=f"account/{access.account_id}",
        vault_id=access.vault_id,
        purpose=access.cause,
        reason=why,
        at=at,
    )
