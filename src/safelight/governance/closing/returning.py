"""How does somebody come back within thirty days, and what becomes of those who do not?

Nothing comes back with them: what was taken back stays so, and is signed anew if wanted.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from safelight.governance.closing.events import ClosingEvent
from safelight.governance.closing.models import Inactivation
from safelight.kernel.errors import StateConflictError
from safelight.platform.audit.actions import record
from safelight.platform.notices.actions import send
from safelight.records.accounts.actions.freeze import freeze_account
from safelight.records.accounts.errors import StepUpRequiredError
from safelight.records.accounts.models import Account, State
from safelight.records.accounts.queries import address_of

_FULL: Final = 2
_OVER: Final = "The time to come back is over."


def inactivation_of(account_id: UUID) -> Inactivation | None:
    """Return since when somebody is away, and until when they may come back."""
    return _open().filter(account_id=account_id).first()


def come_back(account_id: UUID, *, session: str, aal: int, at: datetime) -> None:
    """Open an inactive account again, for whoever has just signed in with both factors.

    Raises:
        StepUpRequiredError: the session was begun with less.
        StateConflictError: they are not away, or the time is over.
    """
    if aal < _FULL:
        raise StepUpRequiredError
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=account_id)
        away = _open().filter(account_id=account_id, until__gt=at)
        if account.state != State.INACTIVE or not away.update(returned_at=at):
            raise StateConflictError(_OVER)
        Account.objects.filter(pk=account_id).update(state=State.ACTIVE)
        subject = f"account/{account_id}"
        record(ClosingEvent.REACTIVATED, actor=subject, session=session, subject=subject, at=at)
        send("account-back", to=address_of(account), context={}, about=subject, at=at)


def close_what_is_due(*, at: datetime) -> int:
    """Close every account whose time to come back is over, each in its own transaction."""
    due = list(_open().filter(until__lte=at).order_by("until").values_list("pk", flat=True))
    return sum(_close(each, at=at) for each in due)


def _close(inactivation_id: UUID, *, at: datetime) -> bool:
    with transaction.atomic():
        known = Inactivation.objects.get(pk=inactivation_id)
        account = Account.objects.select_for_update().get(pk=known.account_id)
        if not _open().filter(pk=inactivation_id, until__lte=at).update(closed_at=at):
            return False
        if account.state == State.INACTIVE:
            freeze_account(account, State.CLOSED, at=at)
            subject = f"account/{account.pk}"
            record(ClosingEvent.CLOSED, actor="system", subject=subject, at=at)
    return True


def _open() -> QuerySet[Inactivation]:
    return Inactivation.objects.filter(returned_at=None, closed_at=None)
