"""Who asks as one of those that run this instance?"""

from __future__ import annotations

from safelight.exchange.access.facts import Party
from safelight.kernel.errors import NotFoundError
from safelight.records.accounts.models import StaffRole
from safelight.records.accounts.staff import roles_of


def is_staff(party: Party, *roles: StaffRole) -> bool:
    """Say whether a party has one of these roles, fully signed in and not through a token."""
    return not staff_roles(party).isdisjoint(roles)


def staff_roles(party: Party) -> frozenset[StaffRole]:
    """Return the roles that a party can use now: none unless fully signed in."""
    if party.account_id is None or party.token_scopes is not None:
        return frozenset()
    if not (party.second_factor and party.active and party.statement_accepted):
        return frozenset()
    return roles_of(party.account_id)


def require_staff(party: Party, *roles: StaffRole) -> None:
    """Let only those with one of these roles pass; for all others there is nothing here.

    Raises:
        NotFoundError: this party has none of them.
    """
    if not is_staff(party, *roles):
        raise NotFoundError
