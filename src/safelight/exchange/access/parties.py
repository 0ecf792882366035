"""Who asks, in the terms of the decision point?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from safelight.exchange.access.actions import STATEMENT
from safelight.exchange.access.facts import NOBODY, Party, PartyKind
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.platform.database.asking import as_time, ask_one
from safelight.records.accounts.actors import Actor
from safelight.records.accounts.models import HoldKind, Kind, Role

_SECOND_FACTOR = 2
# One question: every request asks it.
_STANDING: Final = """
    SELECT (SELECT number FROM access_gate WHERE account_id = %s AND duty = %s),
           (SELECT refused FROM access_gate WHERE account_id = %s AND duty = %s),
           (SELECT MIN(since) FROM access_binding AS binding
            JOIN access_gate AS gate ON gate.duty = binding.duty
            WHERE gate.account_id = %s AND gate.duty = %s AND binding.number > gate.number),
           (SELECT MAX(since) FROM accounts_hold
            WHERE subject = %s AND kind = %s AND lifted_at IS NULL),
           (SELECT 1 FROM accounts_hold
            WHERE subject = %s AND kind = %s AND lifted_at IS NULL)
"""
_EVER: Final = datetime.min.replace(tzinfo=UTC)
_KINDS = {Kind.INDIVIDUAL: PartyKind.INDIVIDUAL, Kind.PROVIDER: PartyKind.PROVIDER}


def party_of(actor: Actor) -> Party:
    """Return the party that an actor is. Whoever is not known is nobody.

    So is a session or a token that is held; and who was asked to sign in once more has
    no second factor until they have (records/accounts/holds.py).
    """
    if actor.account_id is None or actor.kind is None:
        return NOBODY
    accepted, binds, asked_again, closed = _standing(actor)
    is_bound = binds is None or clock.now() < binds
    if closed is not None:
        return NOBODY
    return Party(
        kind=_KINDS[actor.kind],
        account_id=actor.account_id,
        session=actor.session_ref,
        second_factor=actor.aal >= _SECOND_FACTOR and not signed_in_before(actor, asked_again),
        # Actors exist only for active accounts: see records/accounts/actors.py.
        active=True,
        statement_accepted=accepted > 0 and is_bound,
        is_limited=accepted > 0 and not is_bound,
        token_scopes=actor.token_scopes,
        organizations=frozenset(each.organization_id for each in actor.memberships),
        desks=frozenset(
            each.organization_id for each in actor.memberships if each.role is Role.IMAGING_DESK
        ),
        until=actor.until,
        is_unlimited=actor.is_unlimited,
    )


def signed_in_before(actor: Actor, moment: datetime | None) -> bool:
    """Say whether somebody has not signed in since a moment; a token never does."""
    return moment is not None and (actor.auth_at is None or actor.auth_at < moment)


def _standing(actor: Actor) -> tuple[int, datetime | None, datetime | None, object]:
    """Return the version accepted, from when a later one binds, and how the account is held."""
    gate = (actor.account_id, STATEMENT)
    found = ask_one(
        _STANDING,
        *gate,
        *gate,
        *gate,
        f"account/{actor.account_id}",
        HoldKind.STEP_UP.value,
        actor.session_ref,
        HoldKind.CLOSED.value,
    )
    accepted, refused, binds, asked_again, closed = found or (None, None, None, None, None)
    since = _moment(binds)
    if (refused or 0) > (accepted or 0):
        since = _EVER
    return accepted or 0, since, _moment(asked_again), closed


def _moment(column: datetime | str | None) -> datetime | None:
    # Of a sub-query SQLite says no type, so its text comes as it lies there.
    if column is None:
        return None
    return as_time(datetime.fromisoformat(column) if isinstance(column, str) else column)


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
