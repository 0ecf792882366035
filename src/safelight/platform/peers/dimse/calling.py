"""How is an association begun with another system, and only with the one that is meant?

Its name leads to one address (security S14), and its certificate is the one that is known,
or nothing of ours is sent: not a title, not a byte. An end in order is a release; whatever
else ends it is an abort, so that the other side takes no part of an object for all of it.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Final

from safelight.platform.peers.addresses import Resolve, address_of, may_be_plain
from safelight.platform.peers.causes import Cause, UnreachableError
from safelight.platform.peers.dimse import faults, line
from safelight.platform.peers.dimse.commands import Command
from safelight.platform.peers.dimse.conversation import NETWORK, Conversation
from safelight.platform.peers.dimse.faults import GoneError, ProtocolError
from safelight.platform.peers.dimse.line import Line
from safelight.platform.peers.dimse.negotiation import Context, abort
from safelight.platform.peers.dimse.proposing import Wanted, cause_of, proposal, taken_up
from safelight.platform.peers.pinned import pinned_context
from safelight.platform.peers.reaching import reached, secured

PATIENCE: Final = 30.0  # seconds until there is an association
_LARGEST_TOLD: Final = 1 << 20
_FAREWELL: Final = 1.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where another system listens, its title and ours, and the certificates it may show.

    `allowed` are the private networks where it may be, `plain` those that need no TLS.
    """

    host: str
    port: int
    called: str
    calling: str
    pins: tuple[bytes, ...] = ()
    is_plain: bool = False
    allowed: Sequence[IPv4Network | IPv6Network] = field(default=())
    plain: Sequence[IPv4Network | IPv6Network] = field(default=())
    cert: str = ""
    key: str = ""


class Told:
    """A data set that the called system sends, in memory: it is nothing but a short report."""

    def __init__(self) -> None:
        self._held = bytearray()

    @property
    def is_too_long(self) -> bool:
        """Whether more came than a report may have."""
        return len(self._held) > _LARGEST_TOLD

    def add(self, more: memoryview) -> None:
        """Add what came."""
        self._held += more

    def discard(self) -> None:
        """Let go of it."""
        self._held = bytearray()

    @property
    def data(self) -> bytes:
        """What came."""
        return bytes(self._held)


Call = Conversation[Told]


@contextmanager
def associated(
    server: Server,
    wanted: Sequence[Wanted],
    *,
    patience: float = PATIENCE,
    silence: float = NETWORK,
    resolve: Resolve | None = None,
) -> Iterator[Call]:
    """Begin an association and end it: in order, or by an abort where something is raised.

    It may take `patience` seconds to begin; `silence` is how long each answer may take.

    Raises:
        UnreachableError: there is nobody, or somebody else, or it does not want to.
        GoneError, ProtocolError: from within, where the other side goes or errs.
    """
    over = Line(_connected(server, patience, resolve))
    try:
        contexts, largest = _begun(over, server, wanted, patience)
        call = Call(over, contexts, largest_pdu=largest, hold=_told, patience=silence)
        try:
            yield call
        except BaseException:
            _abort(over)
            raise
        if call.is_cut:
            _abort(over)
            return
        # All that was asked was answered: how the other side parts changes nothing.
        with suppress(GoneError, ProtocolError):
            call.release()
    finally:
        over.close()


def _abort(over: Line) -> None:
    with suppress(GoneError):
        over.send(abort(faults.NOT_SAID), within=_FAREWELL)


def _begun(
    over: Line, server: Server, wanted: Sequence[Wanted], patience: float
) -> tuple[dict[int, Context], int]:
    asked = proposal(calling=server.calling, called=server.called, wanted=wanted)
    try:
        over.send(asked, within=patience)
        kind, body = over.next(within=patience)
        if kind == line.ASSOCIATE_RJ:
            raise UnreachableError(cause_of(body))
        if kind != line.ASSOCIATE_AC:
            raise UnreachableError(Cause.ASSOCIATION_REFUSED)
        return taken_up(body, wanted)
    except (GoneError, ProtocolError):
        raise UnreachableError(Cause.ASSOCIATION_REFUSED) from None


def _told(command: Command) -> Told:
    del command
    return Told()


def _connected(server: Server, patience: float, resolve: Resolve | None) -> socket.socket:
    """Connect, and shake hands where that is asked for."""
    address = address_of(server.host, server.port, server.allowed, resolve=resolve)
    if server.is_plain and not may_be_plain(address, server.plain):
        raise UnreachableError(Cause.ADDRESS_FORBIDDEN)
    if not server.is_plain and not server.pins:
        raise UnreachableError(Cause.OTHER_CERTIFICATE)
    plain = reached(address, server.port, patience=patience)
    if server.is_plain:
        return plain
    return secured(plain, pinned_context(server.pins, server.cert, server.key), server.host)
