"""Which connected system is this, and as whom does it ask?

What a peer says of itself is worth nothing by itself: both titles, the network and, but
where the network is private, the certificate must fit one open connection whose agreements
are in force. Whatever does not fit gets one and the same answer, and is on record.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.epoch import epoch_and_mode
from safelight.exchange.access.errors import ConnectionClosedError
from safelight.exchange.access.events import AccessEvent
from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.access.gates import (
    Standing,
    refusal_of,
    require_connection,
    standing_of,
)
from safelight.exchange.access.models import Mode
from safelight.platform.audit.actions import record, record_denial
from safelight.records.accounts.holds import is_held, network_name
from safelight.records.accounts.models import HoldKind
from safelight.records.partners.models import Connection
from safelight.records.partners.queries import Peer, peers_titled, pinned_as_clients
from safelight.records.partners.rules import lies_within, may_be_plain
from safelight.records.partners.segments import plain_segments

_WRITES: Final = "dicomweb:write"
_READS: Final = "dicomweb:read"
_UNKNOWN: Final = "unknown-peer"
_HELD: Final = "network-held"


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One connected system, as it was let in."""

    connection_id: UUID
    organization_id: UUID
    they_send: bool
    they_ask: bool
    we_send: bool
    party: Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where something is sent, and by what that system is known. `pins` is empty when plain.

    `token` is what we show there, where it asks for one.
    """

    connection_id: UUID
    organization_id: UUID
    kind: str
    host: str
    port: int
    url: str
    called: str
    calling: str
    pins: tuple[bytes, ...]
    is_plain: bool
    token: str = field(default="", repr=False)


def associate(
    *, called: str, calling: str, fingerprint: bytes | None, address: str, at: datetime
) -> System | None:
    """Return the system that opens an association; None for everything that does not fit.

    `called` and `calling` are as the peer says them, `fingerprint` the SHA-256 of the
    certificate it proved, None without TLS.
    """
    fitting = [
        peer
        for peer in peers_titled(called, calling)
        if _fits(peer, fingerprint=fingerprint, address=address)
    ]
    reason = _UNKNOWN
    network_is_held = bool(fitting) and is_held(HoldKind.SOURCE, network_name(address), at=at)
    for peer in fitting:
        if network_is_held:
            reason = _HELD
            break
        refused = refused_now(peer.connection_id, at=at)
        if not refused:
            return _admit(peer, address, at=at)
        reason = refused
    actor = f"connection/{fitting[0].connection_id}" if fitting else "anonymous"
    record_denial(
        AccessEvent.CONNECTION_REFUSED,
        actor=actor,
        subject=actor if fitting else "",
        reason=reason,
        origin=address,
        at=at,
    )
    return None


def require_open(system: System, *, at: datetime) -> Party:
    """Return the party that a system is at this moment: ask before each thing it wants.

    Raises:
        ConnectionClosedError: its connection is not open any more, or an agreement is over.
    """
    return party_of_system(system.connection_id, at=at)


def party_of_system(connection_id: UUID, *, at: datetime) -> Party:
    """Return the party that the other side of a connection is at this moment.

    Raises:
        ConnectionClosedError: it is not open, or an agreement is over.
    """
    return _party(connection_id, require_connection(connection_id, at=at))


def move_destination(party: Party, title: str, *, at: datetime) -> Destination | None:
    """Return where a system may have something sent by naming a title: to itself alone.

    That is another connection of the same partner (or of the institution itself), open,
    to which we send. Everything else does not exist.
    """
    own = Connection.objects.filter(pk=party.account).first()
    if own is None:
        return None
    ours = Connection.objects.filter(
        organization_id=own.organization_id, we_send=True, kind=own.kind
    ).order_by("changed_at")
    for row in ours:
        if row.partner_id != own.partner_id:
            continue
        if row.calling == title.strip(" ") and not refusal_of(row.pk, at=at):
            return _destination(row)
    return None


def told_at(connection_id: UUID, *, at: datetime) -> Destination | None:
    """Return where a system that sends to us hears what became of it; None where nowhere.

    It is told of nothing but what it sent itself, whether we send there or not.

    Raises:
        ConnectionClosedError: it is not open, or an agreement is over.
    """
    if not require_connection(connection_id, at=at).they_send:
        return None
    row = Connection.objects.get(pk=connection_id)
    return _destination(row) if row.host else None


def destination_of(connection_id: UUID, *, at: datetime) -> Destination:
    """Return where a connection sends to: ask before each thing that is sent.

    Raises:
        ConnectionClosedError: nothing is sent there now; the reason is its code.
    """
    if not require_connection(connection_id, at=at).we_send:
        raise ConnectionClosedError
    return _destination(Connection.objects.get(pk=connection_id))


def receiver_of(connection_id: UUID, *, at: datetime) -> tuple[Destination, Party]:
    """Return where a connection sends to, and as whom its other side receives.

    Ask before each thing that is sent. It receives what it could read, whether it may ask or not.

    Raises:
        ConnectionClosedError: nothing is sent there now; the reason is its code.
    """
    standing = require_connection(connection_id, at=at)
    if not standing.we_send:
        raise ConnectionClosedError
    party = replace(_party(connection_id, standing), token_scopes=frozenset({_READS}))
    return _destination(Connection.objects.get(pk=connection_id)), party


def own_systems_asking(organization_id: UUID, *, at: datetime) -> list[Party]:
    """Return an institution's own systems that could read its exams at this moment."""
    rows = Connection.objects.filter(
        organization_id=organization_id, partner__isnull=True, they_ask=True
    )
    stands = ((row.pk, standing_of(row.pk, at=at)) for row in rows.order_by("changed_at", "id"))
    return [_party(key, how) for key, how in stands if how is not None and not how.refusal]


def certificates_accepted() -> str:
    """Return the certificates that systems may show us, one after the other, as PEM."""
    return "".join(pinned_as_clients())


def _fits(peer: Peer, *, fingerprint: bytes | None, address: str) -> bool:
    if not lies_within(address, peer.networks):
        return False
    if peer.is_plain:
        return fingerprint is None and may_be_plain(address, plain_segments())
    return fingerprint is not None and fingerprint in peer.client_pins


def refused_now(connection_id: UUID, *, at: datetime) -> str:
    """Return why nobody comes in by a connection now, as a code; empty where they may."""
    if epoch_and_mode()[1] == Mode.RECOVERING:
        return "recovering"
    return refusal_of(connection_id, at=at)


def _admit(peer: Peer, address: str, *, at: datetime) -> System | None:
    standing = require_connection(peer.connection_id, at=at)
    party = _party(peer.connection_id, standing)
    with transaction.atomic():
        record(
            AccessEvent.CONNECTION_ADMITTED,
            actor=party.name,
            session=party.session,
            subject=party.name,
            origin=address,
            at=at,
        )
    return System(
        connection_id=peer.connection_id,
        organization_id=standing.organization_id,
        they_send=standing.they_send,
        they_ask=standing.they_ask,
        we_send=standing.we_send,
        party=party,
    )


def _party(connection_id: UUID, standing: Standing) -> Party:
    """Return a connected system as the rules know it: what it may do is told by scopes."""
    scopes = {_WRITES} if standing.they_send else set()
    scopes |= {_READS} if standing.they_ask else set()
    is_own = standing.counterpart_id is None
    houses = frozenset({standing.counterpart_id or standing.organization_id})
    return Party(
        kind=PartyKind.SYSTEM,
        account_id=connection_id,
        session=f"connection/{connection_id}",
        second_factor=True,
        active=True,
        statement_accepted=True,
        token_scopes=frozenset(scopes),
        organizations=houses,
        desks=frozenset() if is_own else houses,
        until=standing.until,
        serves=standing.organization_id,
        is_own=is_own,
    )


def _destination(row: Connection) -> Destination:
    peer = Peer.of(row)
    return Destination(
        connection_id=row.pk,
        organization_id=row.organization_id,
        kind=row.kind,
        host=row.host,
        port=row.port,
        url=row.url,
        called=row.calling,
        calling=row.called,
        pins=peer.server_pins,
        is_plain=row.is_plain,
        token=row.token or "",
    )
