"""Who asks, in the terms of the decision point?"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from safelight.exchange.access.actions import STATEMENT
from safelight.exchange.access.facts import NOBODY, Party, PartyKind
from safelight.kernel.errors import NotFoundError
from safelight.platform.database.asking import ask_one
from safelight.records.accounts.actors import Actor
from safelight.records.accounts.models import Kind, Role

_SECOND_FACTOR = 2
_GATE: Final = "SELECT 1 FROM access_gate WHERE account_id = %s AND duty = %s"
_KINDS = {Kind.INDIVIDUAL: PartyKind.INDIVIDUAL, Kind.PROVIDER: PartyKind.PROVIDER}


def party_of(actor: Actor) -> Party:
    """Return the party that an actor is. Whoever is not known is nobody."""
    if actor.account_id is None or actor.kind is None:
        return NOBODY
    return Party(
        kind=_KINDS[actor.kind],
        account_id=actor.account_id,
        session=actor.session_ref,
        second_factor=actor.aal >= _SECOND_FACTOR,
        # Actors exist only for active accounts: see records/accounts/actors.py.
        active=True,
        statement_accepted=ask_one(_GATE, actor.account_id, STATEMENT) is not None,
        token_scopes=actor.token_scopes,
        organizations=frozenset(each.organization_id for each in actor.memberships),
        desks=frozenset(
            each.organization_id for each in actor.memberships if each.role is Role.IMAGING_DESK
        ),
        until=actor.until,
    )


def session_id(party: Party) -> UUID:
    """Return the id of the session, or of the token, that a party acts through.

    A token asks for a signature; it is the person who gives it, with both factors.

    Raises:
        NotFoundError: a guest has neither.
    """
    kind, _, identity = party.session.partition("/")
    if kind not in {"session", "token"}:
        raise NotFoundError
    return UUID(identity)
