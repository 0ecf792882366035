"""By which way does a connection take objects?"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from safelight.exchange.access.systems import Destination
from safelight.exchange.release.transfer.by_web import by_web
from safelight.platform.peers.causes import Cause, UnreachableError
from safelight.records.partners.kinds import ConnectionKind

if TYPE_CHECKING:
    from safelight.exchange.release.transfer.ways import Way


def has_way(destination: Destination) -> bool:
    """Say whether something can be sent over such a connection at all."""
    return destination.kind == ConnectionKind.DICOMWEB


def way_to(destination: Destination) -> AbstractContextManager[Way]:
    """Return the way to a destination; it is connected when it is entered.

    Raises:
        UnreachableError: nothing goes by such a connection.
    """
    if has_way(destination):
        return by_web(destination)
    raise UnreachableError(Cause.UNREACHABLE)
