"""Which connected system calls over the web, and as whom?

It says a word that its connection was given, from a network where it may be. That it is let
in is not noted by itself, as an association is: what each request does is.
"""

from __future__ import annotations

from datetime import datetime

from safelight.exchange.access.errors import ConnectionClosedError, RecoveringError
from safelight.exchange.access.events import AccessEvent
from safelight.exchange.access.facts import Party
from safelight.exchange.access.systems import party_of_system, refused_now
from safelight.platform.audit.actions import record_denial
from safelight.records.accounts.holds import is_held, network_name
from safelight.records.accounts.models import HoldKind
from safelight.records.partners.queries import peers_saying
from safelight.records.partners.rules import lies_within
from safelight.records.partners.tokens import WORD_BEGINS


def is_a_systems(word: str) -> bool:
    """Say whether this is such a word, by its look."""
    return word.startswith(WORD_BEGINS)


def system_saying(word: str, *, address: str, at: datetime) -> Party | None:
    """Return the system that says this word at an address; None where it is nobody's there.

    Raises:
        ConnectionClosedError: its connection lets nothing through now; the reason is its code.
        RecoveringError: nothing is given or taken yet.
    """
    if is_held(HoldKind.SOURCE, network_name(address), at=at):
        return None
    for peer in peers_saying(word):
        if not lies_within(address, peer.networks):
            continue
        if refused := refused_now(peer.connection_id, at=at):
            actor = f"connection/{peer.connection_id}"
            record_denial(
                AccessEvent.CONNECTION_REFUSED,
                actor=actor,
                subject=actor,
                reason=refused,
                origin=address,
                at=at,
            )
            if refused == RecoveringError.code:
                raise RecoveringError
            raise ConnectionClosedError(refused)
        return party_of_system(peer.connection_id, at=at)
    return None
