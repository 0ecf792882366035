"""How is a connected DICOM system called: by what titles, and by whose certificates?"""

from __future__ import annotations

from django.conf import settings

from safelight.exchange.access.systems import Destination
from safelight.platform.peers.dimse.calling import Server
from safelight.records.partners.segments import peer_segments, plain_segments


def server_of(destination: Destination) -> Server:
    """Return how a destination is called."""
    return Server(
        host=destination.host,
        port=destination.port,
        called=destination.called,
        calling=destination.calling,
        pins=destination.pins,
        is_plain=destination.is_plain,
        allowed=peer_segments(),
        plain=plain_segments(),
        cert=settings.SAFELIGHT_DIMSE_TLS_CERT,
        key=settings.SAFELIGHT_DIMSE_TLS_KEY,
    )
