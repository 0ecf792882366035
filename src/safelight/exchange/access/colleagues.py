"""Who works at the same institution, as the decision point would see them?

So that it can be asked what a colleague may see. It gives them nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from safelight.exchange.access.facts import Party, PartyKind
from safelight.records.accounts.models import Kind, Membership, Role, State

_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of an institution: their name, and the party they are once fully signed in."""

    name: str
    organization_id: UUID
    party: Party


def colleagues_of(party: Party) -> list[Colleague]:
    """List who belongs to an institution that this party belongs to, by name; never itself."""
    if party.kind is not PartyKind.PROVIDER or not party.organizations:
        return []
    rows = (
        Membership.objects.select_related("account")
        .filter(
            organization_id__in=party.organizations,
            state=Membership.State.ACTIVE,
            account__state=State.ACTIVE,
            account__kind=Kind.PROVIDER,
        )
        .exclude(account_id=party.account)
        .order_by("account_id", "organization_id")
    )
    by_account: dict[UUID, list[Membership]] = {}
    for row in rows:
        by_account.setdefault(row.account_id, []).append(row)
    known = [_colleague(memberships) for memberships in list(by_account.values())[:_AT_MOST]]
    return sorted(known, key=lambda each: each.name.casefold())


def _colleague(rows: list[Membership]) -> Colleague:
    places = frozenset(row.organization_id for row in rows)
    party = Party(
        kind=PartyKind.PROVIDER,
        account_id=rows[0].account_id,
        second_factor=True,
        active=True,
        statement_accepted=True,
        organizations=places,
        desks=frozenset(row.organization_id for row in rows if row.role == Role.IMAGING_DESK),
    )
    return Colleague(rows[0].account.name, min(places), party)
