"""How is an account closed for a while, with everything that acts for it, and opened again?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import record
from safelight.records.accounts.events import AccountEvent
from safelight.records.accounts.models import Account, Session, State

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


@transaction.atomic
def suspend(account_id: UUID, *, at: datetime, by: str = "system") -> None:
    """Close an account: its sessions end, its tokens are nobody's. Again is harmless.

    Raises:
        NotFoundError: no such account is active.
    """
    state = Account.objects.filter(pk=account_id).values_list("state", flat=True).first()
    if state == State.SUSPENDED:
        return
    active = Account.objects.filter(pk=account_id, state=State.ACTIVE)
    if not active.update(state=State.SUSPENDED):
        raise NotFoundError
    Session.objects.filter(account_id=account_id).delete()
    record(AccountEvent.SUSPENDED, actor=by, subject=f"account/{account_id}", at=at)


@transaction.atomic
def reinstate(account_id: UUID, *, at: datetime, by: str = "system") -> None:
    """Open a suspended account again; what has become of it meanwhile stays."""
    suspended = Account.objects.filter(pk=account_id, state=State.SUSPENDED)
    if suspended.update(state=State.ACTIVE):
        record(AccountEvent.REINSTATED, actor=by, subject=f"account/{account_id}", at=at)
