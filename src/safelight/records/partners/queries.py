"""Which connections are there, and which one do two titles name?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from safelight.records.accounts.models import Organization
from safelight.records.partners.certificates import fingerprint
from safelight.records.partners.kinds import ConnectionKind, ConnectionState
from safelight.records.partners.models import Connection, Partner
from safelight.records.partners.rules import Network, networks
from safelight.records.partners.tokens import peer_token, word_token

_LIVE: Final = (ConnectionState.DRAFT, ConnectionState.OPEN, ConnectionState.SUSPENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """By what a connected system is known when it comes, and when we go there."""

    connection_id: UUID
    networks: tuple[Network, ...]
    is_plain: bool
    client_pins: tuple[bytes, ...]
    server_pins: tuple[bytes, ...]

    @classmethod
    def of(cls, row: Connection) -> Peer:
        """Read one out of its row."""
        return cls(
            connection_id=row.pk,
            networks=networks(row.networks.split()),
            is_plain=row.is_plain,
            client_pins=_pins(row.client_certificate, row.next_client_certificate),
            server_pins=_pins(row.server_certificate, row.next_server_certificate),
        )


def peers_titled(called: str, calling: str) -> list[Peer]:
    """Return the connections that go by two titles and are not closed, the oldest first."""
    named = Connection.objects.filter(peer_token=peer_token(called, calling), state__in=_LIVE)
    return [
        Peer.of(row)
        for row in named.order_by("changed_at")
        if (row.called, row.calling) == (called.strip(" "), calling.strip(" "))
    ]


def peers_saying(word: str) -> list[Peer]:
    """Return the connection, not closed, of whoever says a word over the web."""
    said = Connection.objects.filter(peer_token=word_token(word), state__in=_LIVE)
    return [Peer.of(row) for row in said.exclude(kind=ConnectionKind.DIMSE)]


def pinned_as_clients() -> list[str]:
    """Return the certificates of all open connections' clients, each once."""
    rows = Connection.objects.filter(state=ConnectionState.OPEN, is_plain=False)
    found = (
        pem for row in rows for pem in (row.client_certificate, row.next_client_certificate) if pem
    )
    return list(dict.fromkeys(found))


def connections_of(organization_ids: frozenset[UUID]) -> list[Connection]:
    """List the connections of some institutions, by name, the closed ones last."""
    rows = Connection.objects.select_related("partner", "partner__through").filter(
        organization_id__in=organization_ids
    )
    return sorted(rows, key=lambda row: (row.state == ConnectionState.CLOSED, row.name, row.pk))


def all_connections() -> list[Connection]:
    """List the connections of all institutions, the newest last."""
    return list(Connection.objects.select_related("partner").order_by("id"))


def organization_named(name: str) -> UUID | None:
    """Return the institution of a name."""
    row = Organization.objects.filter(same_name=name).first()
    return row.pk if row is not None else None


def partners_of(organization_ids: frozenset[UUID]) -> list[Partner]:
    """List the partners of some institutions, by name."""
    rows = Partner.objects.select_related("through").filter(organization_id__in=organization_ids)
    return sorted(rows, key=lambda row: (row.name, row.pk))


def _pins(*pems: str) -> tuple[bytes, ...]:
    return tuple(_pin(pem) for pem in pems if pem)


@lru_cache(maxsize=256)
def _pin(pem: str) -> bytes:
    return fingerprint(pem)
