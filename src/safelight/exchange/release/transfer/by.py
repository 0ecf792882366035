"""By which way does a connection take objects?"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from safelight.exchange.access.systems import Destination
from safelight.exchange.release.transfer.by_dimse import Kind, by_dimse
from safelight.exchange.release.transfer.by_web import by_web
from safelight.platform.peers.causes import Cause, UnreachableError
from safelight.records.partners.kinds import ConnectionKind

if TYPE_CHECKING:
    from safelight.exchange.release.transfer.ways import Way


def has_way(destination: Destination) -> bool:
    """Say whether something can be sent over such a connection at all."""
    return destination.kind in {ConnectionKind.DICOMWEB, ConnectionKind.DIMSE}


def way_to(
    destination: Destination, kinds: Callable[[], Collection[Kind]]
) -> AbstractContextManager[Way]:
    """Return the way to a destination; it is connected when it is entered.

    `kinds` says what objects will go there, where that is agreed upon first.

    Raises:
        UnreachableError: nothing goes by such a connection.
    """
    if destination.kind == ConnectionKind.DICOMWEB:
        return by_web(destination)
    if destination.kind == ConnectionKind.DIMSE:
        return by_dimse(destination, kinds)
    raise UnreachableError(Cause.UNREACHABLE)
