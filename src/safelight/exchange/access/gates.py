"""Does a connection let anything through at this moment?

Asked at each association, each request and each thing that waits to be sent. It is open,
and of each kind that it needs an agreement is in force by the clock: an end acts at its
own instant, whoever does or forgets what. A subcontractor's rests on the agreement of the
one it works for (L52).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from safelight.exchange.access.decision import Reason
from safelight.exchange.access.errors import ConnectionClosedError
from safelight.platform.database.asking import as_id, as_time, ask
from safelight.records.partners.kinds import AgreementKind, ConnectionState

_STANDING: Final = """
    SELECT connection.state, connection.needs, connection.basis, connection.they_send,
           connection.they_ask, connection.we_send, connection.organization_id,
           partner.id, partner.counterpart_id, partner.through_id,
           gate.partner_id, gate.kind, gate.since, gate.until
    FROM partners_connection AS connection
    LEFT JOIN partners_partner AS partner ON partner.id = connection.partner_id
    LEFT JOIN access_agreementgate AS gate
        ON gate.partner_id = partner.id OR gate.partner_id = partner.through_id
    WHERE connection.id = %s
"""
MISSING: Final = "agreement_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What decides about one connection. `refusal` is empty while it is open.

    `until` is when that can end by itself: when the first agreement it needs is over.
    """

    refusal: str
    organization_id: UUID
    counterpart_id: UUID | None
    they_send: bool
    they_ask: bool
    we_send: bool
    until: datetime | None = None


def standing_of(connection_id: UUID, *, at: datetime) -> Standing | None:
    """Return how a connection stands, with one statement; None where there is none."""
    rows = ask(_STANDING, connection_id)
    if not rows:
        return None
    state, needs, basis, they_send, they_ask, we_send, place, partner, other, above, *_ = rows[0]
    ends: dict[tuple[UUID, str], datetime] = {}
    for *_, whose, kind, since, until in rows:
        if whose is not None and as_time(since) <= at < as_time(until):
            held = (as_id(whose), str(kind))
            ends[held] = max(ends.get(held, at), as_time(until))
    needed = [(as_id(partner), kind) for kind in needs.split()] if partner is not None else []
    if above is not None:
        needed.append((as_id(above), basis))
    missing = [kind for whose, kind in needed if (whose, kind) not in ends]
    refusal = f"{MISSING}:{missing[0]}" if missing else ""
    if state != ConnectionState.OPEN:
        refusal = Reason.CONNECTION_CLOSED.value
    return Standing(
        refusal=refusal,
        organization_id=as_id(place),
        counterpart_id=as_id(other) if other is not None else None,
        they_send=bool(they_send),
        they_ask=bool(they_ask),
        we_send=bool(we_send),
        until=min((ends[each] for each in needed if each in ends), default=None),
    )


def refusal_of(connection_id: UUID, *, at: datetime) -> str:
    """Return why a connection lets nothing through, as a code; empty while it does."""
    standing = standing_of(connection_id, at=at)
    return Reason.CONNECTION_CLOSED.value if standing is None else standing.refusal


def require_connection(connection_id: UUID, *, at: datetime) -> Standing:
    """Return how a connection stands that lets something through.

    Raises:
        ConnectionClosedError: it is not open, or an agreement is missing.
    """
    standing = standing_of(connection_id, at=at)
    if standing is None:
        raise ConnectionClosedError
    if standing.refusal:
        raise ConnectionClosedError(standing.refusal)
    return standing


def missing_kind(refusal: str) -> AgreementKind | None:
    """Return the kind of agreement that a refusal names, if it names one."""
    code, _, kind = refusal.partition(":")
    return AgreementKind(kind) if code == MISSING else None
