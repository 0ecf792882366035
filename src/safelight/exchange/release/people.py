"""How does this room speak of, and to, the people behind its ids?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from safelight.platform.notices.actions import send
from safelight.records.accounts.models import Account
from safelight.records.accounts.queries import address_of


def name_of(account_id: UUID) -> str:
    """Return the name by which an account is shown."""
    return str(Account.objects.get(pk=account_id).name)


def address_of_account(account_id: UUID) -> str:
    """Return the address an account has proved."""
    return address_of(Account.objects.get(pk=account_id))


def tell_account(account_id: UUID, template: str, *, at: datetime) -> None:
    """Send a notice to an account's own address; it says when, and links to this instance."""
    facts = {"when": at.isoformat()} if template in _DATED else {}
    send(
        template,
        to=address_of_account(account_id),
        context=facts,
        about=f"account/{account_id}",
        at=at,
    )


_DATED = frozenset(
    {"share-opened", "share-verified", "share-waiting", "share-locked", "share-misdirected"}
)
