"""Which networks did the operator declare private?"""

from __future__ import annotations

from django.conf import settings

from safelight.records.partners.rules import Network, networks


def plain_segments() -> tuple[Network, ...]:
    """Return where an association may go without TLS, beside the machine itself."""
    return networks(settings.SAFELIGHT_DIMSE_PLAIN_SEGMENTS)


def peer_segments() -> tuple[Network, ...]:
    """Return the private networks into which we may connect; public ones need no entry."""
    return networks([*settings.SAFELIGHT_PEER_SEGMENTS, *settings.SAFELIGHT_DIMSE_PLAIN_SEGMENTS])
