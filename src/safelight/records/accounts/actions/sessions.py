"""How does a session end before its time? Its owner ends it, here or from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import record
from safelight.records.accounts.actions.begin_session import session_reference
from safelight.records.accounts.events import AccountEvent
from safelight.records.accounts.models import Account, KnownDevice, Session

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.contrib.sessions.backends.base import SessionBase


@transaction.atomic
def sign_out(session: SessionBase, account: Account, *, at: datetime) -> None:
    """End the session that asks for it."""
    record(
        AccountEvent.SIGNED_OUT,
        actor=f"account/{account.pk}",
        session=session_reference(session),
        at=at,
    )
    session.flush()


@transaction.atomic
def end_session(account: Account, session_id: UUID, *, at: datetime) -> None:
    """End one of an account's sessions.

    Raises:
        NotFoundError: it is not one of them, or it is over.
    """
    deleted, _ = Session.objects.filter(account=account, pk=session_id).delete()
    if not deleted:
        raise NotFoundError
    record(
        AccountEvent.SESSION_ENDED,
        actor=f"account/{account.pk}",
        subject=f"session/{session_id}",
        at=at,
    )


@transaction.atomic
def sign_out_everywhere(account: Account, *, at: datetime) -> int:
    """End every session of an account, forget its devices, and say how many sessions ended."""
    ended = Session.objects.filter(account=account).count()
    Session.objects.filter(account=account).delete()
    KnownDevice.objects.filter(account=account).delete()
    record(AccountEvent.SESSIONS_ENDED, actor=f"account/{account.pk}", at=at, count=ended)
    return ended
