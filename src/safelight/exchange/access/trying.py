"""How is it found out whether a connection works?

Asked of a draft too: that is when it is tried. Nothing but an echo is sent, and only where
the connection says, never where a request does.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings

from safelight.exchange.access.connecting import Hand, one_connection
from safelight.kernel.errors import StateConflictError
from safelight.platform.peers.causes import Cause
from safelight.platform.peers.dimse.calling import Server
from safelight.platform.peers.echo import PATIENCE, echo
from safelight.records.partners.actions import note_test
from safelight.records.partners.kinds import ConnectionKind, ConnectionState
from safelight.records.partners.queries import Peer
from safelight.records.partners.segments import peer_segments, plain_segments


def try_connection(
    hand: Hand, connection_id: UUID, *, at: datetime, patience: float = PATIENCE
) -> Cause:
    """Send an echo to where a connection leads, and keep what came of it.

    Raises:
        NotFoundError: it is another institution's.
        StateConflictError: we send nothing there, or it is closed.
    """
    row = one_connection(hand, connection_id)
    if row.kind != ConnectionKind.DIMSE or not row.we_send:
        raise StateConflictError("We send nothing there, so there is nothing to test.")
    if row.state == ConnectionState.CLOSED:
        raise StateConflictError("It is closed.")
    outcome = echo(
        Server(
            host=row.host,
            port=row.port,
            called=row.calling,
            calling=row.called,
            pins=Peer.of(row).server_pins,
            is_plain=row.is_plain,
            allowed=peer_segments(),
            plain=plain_segments(),
            cert=settings.SAFELIGHT_DIMSE_TLS_CERT,
            key=settings.SAFELIGHT_DIMSE_TLS_KEY,
        ),
        patience=patience,
    )
    note_test(row.pk, outcome, by=hand.name, session=hand.session, at=at)
    return outcome
