"""C-MOVE: how are objects sent to where a peer has them sent? (PS3.4 C.4.2)

To a system of the same institution that is connected here, and to nobody else: another
title does not exist. Each object is decided upon as if it were fetched.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from safelight.exchange.access.calling import server_of
from safelight.exchange.access.facts import Party
from safelight.exchange.access.systems import move_destination
from safelight.exchange.release.transfer.by_dimse import contexts_for
from safelight.exchange.release.viewing.objects import Outgoing, Watch
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError
from safelight.platform.peers.causes import UnreachableError
from safelight.platform.peers.dimse import commands, statuses
from safelight.platform.peers.dimse.calling import Told, associated
from safelight.platform.peers.dimse.faults import GoneError, ProtocolError
from safelight.surfaces.dimse.holding import Heard, Talk
from safelight.surfaces.dimse.retrieve import Retrieval, prepared
from safelight.surfaces.dimse.sending import Sending


def move(party: Callable[[datetime], Party], calling: str, said: Talk, message: Heard) -> None:
    """Answer a C-MOVE of the peer that calls itself `calling`.

    Raises:
        ProtocolError, GoneError: the peer that asked has gone, or errs.
    """
    retrieval = Retrieval(party, said, message)
    title = message.command.text(commands.DESTINATION)
    at = clock.now()
    try:
        destination = move_destination(party(at), title, at=at)
    except ExpectedError:
        destination = None
    if destination is None:
        if message.data is not None:
            message.data.discard()
        retrieval.refuse(statuses.UNKNOWN_DESTINATION)
        return
    leaving = prepared(retrieval)
    if leaving is None:
        return

    def is_open() -> bool:
        at = clock.now()
        try:
            return move_destination(party(at), title, at=at) == destination
        except ExpectedError:
            return False

    kinds = {kind for each in leaving for kind in each.kinds()}
    if not kinds:  # nothing to send: nobody is called
        retrieval.send(leaving, _Moving(None, is_open))
        return
    originator = (calling, message.command.message_id)
    try:
        with associated(server_of(destination), contexts_for(kinds)) as call:
            retrieval.send(leaving, _Moving(Sending(call, originator), is_open))
    except UnreachableError:
        retrieval.send(leaving, _Moving(None, is_open))


class _Moving:
    """Objects on their way to another system, until that has gone or its connection is closed."""

    def __init__(self, to: Sending[Told] | None, is_open: Callable[[], bool]) -> None:
        self._to = to
        self._is_open = is_open
        self.cancels: set[int] = set()

    def send(self, leaving: Outgoing, watch: Watch) -> int:
        """Send one object and return the status; once the other side is lost, all fail.

        Raises:
            NoContextError, TakenBackError: nothing was sent.
        """
        if self._to is None or not self._is_open():
            return statuses.PROCESSING_FAILURE
        try:
            return self._to.send(leaving, watch)
        except (GoneError, ProtocolError):
            self._to = None
            return statuses.PROCESSING_FAILURE
