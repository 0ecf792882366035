"""How is it put on record, and told, that somebody's authority began, changed or ended?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from safelight.exchange.access.events import AccessEvent
from safelight.exchange.access.facts import Party
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import record
from safelight.platform.notices.actions import send
from safelight.records.accounts.models import Account, Representative
from safelight.records.accounts.queries import address_of


def note(
    event: AccessEvent, party: Party | None, row: Representative, *, at: datetime, reason: str = ""
) -> None:
    """Put on record what was done about a representative, in the caller's transaction."""
    record(
        event,
        actor=party.name if party else "system",
        session=party.session if party else "",
        subject=f"representative/{row.pk}",
        on_behalf=f"account/{row.represented_id}" if row.represented_id else "",
        reason=reason,
        at=at,
    )


def tell(account_id: UUID | None, template: str, *, at: datetime) -> None:
    """Send a message that holds no detail to an account's own address, if there is one."""
    account = Account.objects.filter(pk=account_id).first() if account_id else None
    address = address_of(account) if account else ""
    if account and address:
        send(template, to=address, context={}, about=f"account/{account.pk}", at=at)


def in_person(party: Party) -> UUID:
    """Return the account of somebody who acts in a session of their own, fully signed in.

    Raises:
        NotFoundError: a program, a guest, or somebody not wholly signed in.
    """
    known = party.second_factor and party.active and party.statement_accepted
    if party.account_id is None or party.token_scopes is not None or not known:
        raise NotFoundError
    return party.account_id
