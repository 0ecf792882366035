"""How does the record name what somebody was asked through, and that they did not answer?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from safelight.platform.audit.actions import record_denial
from safelight.records.accounts.events import AccountEvent
from safelight.records.accounts.models import Account, ApiToken


def seat(session_id: UUID) -> str:
    """Name what somebody was asked through: their session, or a program's token."""
    kind = "token" if ApiToken.objects.filter(pk=session_id).exists() else "session"
    return f"{kind}/{session_id}"


def deny(account: Account, session_id: UUID, method: str, *, at: datetime) -> None:
    """Put on record that a proof was refused, by which method it was tried."""
    record_denial(
        AccountEvent.AUTHORIZATION_REFUSED,
        actor=f"account/{account.pk}",
        session=seat(session_id),
        reason=method,
        at=at,
    )
