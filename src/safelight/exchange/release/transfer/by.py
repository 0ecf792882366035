"""By which way does a connection take objects?"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING
from uuid import UUID

from safelight.exchange.access.systems import Destination
from safelight.exchange.release.transfer.by_dimse import Kind, by_dimse
from safelight.exchange.release.transfer.by_safelight import by_safelight
from safelight.exchange.release.transfer.by_web import by_web
from safelight.platform.peers.causes import Cause, UnreachableError
from safelight.records.partners.kinds import ConnectionKind

if TYPE_CHECKING:
    from safelight.exchange.receive.handover.terms import HandoverTerms
    from safelight.exchange.release.transfer.ways import Way


def compares(destination: Destination) -> bool:
    """Say whether the other side is asked at the end what it has."""
    return destination.kind == ConnectionKind.SAFELIGHT


def way_to(
    destination: Destination,
    kinds: Callable[[], Collection[Kind]],
    transfer_id: UUID,
    terms: Callable[[], HandoverTerms],
) -> AbstractContextManager[Way]:
    """Return the way to a destination; it is connected when it is entered.

    `kinds` says what objects will go there, and `terms` what the patient agreed to, where
    that is told first.

    Raises:
        UnreachableError: nothing goes by such a connection.
    """
    if destination.kind == ConnectionKind.DICOMWEB:
        return by_web(destination)
    if destination.kind == ConnectionKind.DIMSE:
        return by_dimse(destination, kinds)
    if destination.kind == ConnectionKind.SAFELIGHT:
        return by_safelight(destination, transfer_id, terms)
    raise UnreachableError(Cause.UNREACHABLE)
