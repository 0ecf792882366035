"""Who may read the record of what happened?"""

from __future__ import annotations

from safelight.exchange.access.facts import Party, PartyKind
from safelight.kernel.errors import NotFoundError
from safelight.records.accounts.models import Role
from safelight.records.accounts.queries import memberships_of


def is_officer(party: Party) -> bool:
    """Say whether a party is a privacy officer, fully signed in (requirements 6)."""
    if party.kind is not PartyKind.PROVIDER or party.token_scopes is not None:
        return False
    if not (party.second_factor and party.active and party.statement_accepted):
        return False
    return any(row.role == Role.PRIVACY_OFFICER for row in memberships_of(party.account))


def require_officer(party: Party) -> None:
    """Let only privacy officers pass; for all others there is nothing here.

    Raises:
        NotFoundError: this party is not one.
    """
    if not is_officer(party):
        raise NotFoundError
