"""How do messages come and go in an association? (PS3.7 6.3, PS3.8 9.3.5 and annex E)

A message is a command set and perhaps a data set, each cut into fragments. A data set is
held while it arrives; what is sent is cut to the size that the peer takes.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from safelight.surfaces.dimse import commands, faults, line
from safelight.surfaces.dimse.commands import Command
from safelight.surfaces.dimse.faults import GoneError, ProtocolError
from safelight.surfaces.dimse.holding import Held
from safelight.surfaces.dimse.negotiation import Context, release_answer

NETWORK: Final = 60.0  # seconds that an association may be silent
DIMSE: Final = 60.0  # seconds that the next part of a message may take
_Fragment = tuple[int, int, memoryview]  # of which context, with what marks
_FRAGMENT: Final = struct.Struct(">IBB")
_OF_COMMAND, _IS_LAST = 1, 2
_LEAST_PDU: Final = 4 << 10
_LARGEST_SENT: Final = 128 << 10
_LARGEST_ASKED: Final = 1 << 20
"""So long may a data set be that is no object: a search, or what is to be committed."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message that has come whole; `data` is None where it has no data set."""

    context: Context
    command: Command
    data: Held | None


class Conversation:
    """An association that was accepted. One thread speaks in it."""

    def __init__(
        self, over: line.Line, contexts: Mapping[int, Context], *, largest_pdu: int
    ) -> None:
        self._line = over
        self._contexts = contexts
        self._most = min(max(largest_pdu, _LEAST_PDU), _LARGEST_SENT) - _FRAGMENT.size
        self._left: deque[_Fragment] = deque()

    @property
    def contexts(self) -> Mapping[int, Context]:
        """What was agreed upon."""
        return self._contexts

    def next(self, may_store: Callable[[], bool] = lambda: True) -> Message | None:
        """Return the next message; None when the peer releases, which is answered.

        `may_store` is asked once an object is announced: of one that may not come, nothing
        is held.

        Raises:
            ProtocolError, GoneError.
        """
        context, command = self._next_command()
        if context is None or command is None:
            self._line.send(release_answer(), within=NETWORK)
            return None
        if not command.has_data_set:
            return Message(context, command, None)
        if command.field == commands.C_STORE:
            held = Held(is_wanted=may_store())
        else:
            held = Held(most=_LARGEST_ASKED)
        try:
            self._take(context, held)
        except BaseException:
            held.discard()
            raise
        return Message(context, command, held)

    def cancelled(self, message_id: int) -> bool:
        """Say whether the peer has cancelled what is being answered.

        Raises:
            ProtocolError: it says anything else meanwhile.
            GoneError: it has gone.
        """
        if not self._line.has_news():
            return False
        _, command = self._next_command()
        if command is None or command.field != commands.C_CANCEL:
            raise ProtocolError(faults.UNEXPECTED)
        return command.number(commands.ANSWERED_ID) == message_id

    def say(self, context: Context, command: bytes, data: Iterable[bytes] | None = None) -> None:
        """Send a message. A command and a short data set leave as one PDU each.

        Raises:
            GoneError: it could not be sent.
        """
        self._line.send(*self._pdu(context, command, _OF_COMMAND | _IS_LAST), within=NETWORK)
        if data is None:
            return
        for piece, is_last in _cut(data, self._most):
            self._line.send(*self._pdu(context, piece, _IS_LAST if is_last else 0), within=NETWORK)

    def _pdu(self, context: Context, piece: bytes | memoryview, marks: int) -> Iterable[bytes]:
        size = len(piece)
        return (
            line.HEAD.pack(line.DATA, size + _FRAGMENT.size),
            _FRAGMENT.pack(size + 2, context.id, marks),
            piece if isinstance(piece, bytes) else bytes(piece),
        )

    def _next_command(self) -> tuple[Context | None, Command | None]:
        held = bytearray()
        number: int | None = None
        for came, marks, piece in self._fragments(first=NETWORK):
            if not marks & _OF_COMMAND or number not in {None, came}:
                raise ProtocolError(faults.UNEXPECTED)
            number = came
            held += piece
            if len(held) > commands.LARGEST:
                raise ProtocolError(faults.BAD_VALUE)
            if marks & _IS_LAST:
                context = self._contexts.get(came)
                if context is None:
                    raise ProtocolError(faults.BAD_VALUE)
                return context, commands.read(bytes(held))
        if number is not None:
            raise ProtocolError(faults.UNEXPECTED)
        return None, None

    def _take(self, context: Context, held: Held) -> None:
        for came, marks, piece in self._fragments(first=DIMSE):
            if marks & _OF_COMMAND or came != context.id:
                raise ProtocolError(faults.UNEXPECTED)
            held.add(piece)
            if held.is_too_long:
                raise ProtocolError(faults.BAD_VALUE)
            if marks & _IS_LAST:
                return
        raise ProtocolError(faults.UNEXPECTED)

    def _fragments(self, *, first: float) -> Iterator[_Fragment]:
        """Yield fragments as (context, marks, bytes) until the peer releases.

        A PDU may hold the end of one message and the beginning of the next.
        """
        within = first
        while True:
            while self._left:
                yield self._left.popleft()
            kind, body = self._line.next(within=within)
            within = DIMSE
            if kind == line.RELEASE_RQ:
                return
            if kind == line.ABORT:
                raise GoneError
            if kind != line.DATA:
                raise ProtocolError(faults.UNEXPECTED)
            self._left.extend(_fragments_of(body))


def _fragments_of(body: memoryview) -> Iterator[_Fragment]:
    at = 0
    while at < len(body):
        if at + _FRAGMENT.size > len(body):
            raise ProtocolError(faults.BAD_VALUE)
        length, number, marks = _FRAGMENT.unpack_from(body, at)
        start, stop = at + _FRAGMENT.size, at + 4 + length
        if stop < start or stop > len(body):
            raise ProtocolError(faults.BAD_VALUE)
        yield number, marks, body[start:stop]
        at = stop


def _cut(pieces: Iterable[bytes], most: int) -> Iterator[tuple[memoryview, bool]]:
    """Yield what the pieces hold in stretches of `most` bytes, and whether it is the last."""
    held = bytearray()
    for piece in pieces:
        held += piece
        whole = (len(held) - 1) // most * most if held else 0
        view = memoryview(bytes(held[:whole]))
        for start in range(0, whole, most):
            yield view[start : start + most], False
        del held[:whole]
    yield memoryview(bytes(held)), True
