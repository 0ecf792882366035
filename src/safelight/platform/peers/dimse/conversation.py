"""How do messages come and go in an association? (PS3.7 6.3, PS3.8 9.3.5 and annex E)

A message is a command set and perhaps a data set, each cut into fragments. Where a data set
waits while it arrives is the listener's affair; what is sent is cut to the size that the
peer takes. Either side of an association speaks so.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Final, Generic, Protocol, TypeVar

from safelight.platform.peers.dimse import commands, faults, line
from safelight.platform.peers.dimse.commands import Command
from safelight.platform.peers.dimse.faults import GoneError, ProtocolError
from safelight.platform.peers.dimse.negotiation import Context, release_answer, release_asked

NETWORK: Final = 60.0  # seconds that an association may be silent
DIMSE: Final = 60.0  # seconds that the next part of a message may take
_Fragment = tuple[int, int, memoryview]  # of which context, with what marks
_FRAGMENT: Final = struct.Struct(">IBB")
_OF_COMMAND, _IS_LAST = 1, 2
_FAREWELL: Final = 30.0  # seconds
_LEAST_PDU: Final = 4 << 10
_LARGEST_SENT: Final = 128 << 10


class Holding(Protocol):
    """Where one data set waits while it arrives."""

    @property
    def is_too_long(self) -> bool:
        """Whether more came than may."""

    def add(self, more: memoryview) -> None:
        """Add what came."""

    def discard(self) -> None:
        """Let go of what is held."""


_Held = TypeVar("_Held", bound=Holding)


@dataclass(frozen=True, slots=True)
class Message(Generic[_Held]):
    """One message that has come whole; `data` is None where it has no data set."""

    context: Context
    command: Command
    data: _Held | None


class Conversation(Generic[_Held]):
    """An association that was accepted. One thread speaks in it."""

    def __init__(
        self,
        over: line.Line,
        contexts: Mapping[int, Context],
        *,
        largest_pdu: int,
        hold: Callable[[Command], _Held],
        patience: float = NETWORK,
    ) -> None:
        """Speak over a line; `hold` says where the data set of a command waits.

        `patience` is for how many seconds the other side may be silent.
        """
        self._patience = patience
        self.is_cut = False
        """Whether a message has begun that was not sent to its end."""
        self._hold = hold
        self._line = over
        self._contexts = contexts
        self._most = min(max(largest_pdu, _LEAST_PDU), _LARGEST_SENT) - _FRAGMENT.size
        self._left: deque[_Fragment] = deque()

    @property
    def contexts(self) -> Mapping[int, Context]:
        """What was agreed upon."""
        return self._contexts

    def next(self) -> Message[_Held] | None:
        """Return the next message; None when the peer releases, which is answered.

        Raises:
            ProtocolError, GoneError.
        """
        context, command = self._next_command()
        if context is None or command is None:
            self._line.send(release_answer(), within=NETWORK)
            return None
        if not command.has_data_set:
            return Message(context, command, None)
        held = self._hold(command)
        try:
            self._take(context, held)
        except BaseException:
            held.discard()
            raise
        return Message(context, command, held)

    def has_news(self, *, within: float) -> bool:
        """Say whether the peer has said something more; wait for it so many seconds."""
        return bool(self._left) or self._line.has_news(within=within)

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

    def release(self) -> None:
        """End it in order, as the one who called: what the peer still says is not heard.

        Raises:
            ProtocolError, GoneError: it does not agree within half a minute.
        """
        self._line.send(release_asked(), within=NETWORK)
        until = monotonic() + _FAREWELL
        while (left := until - monotonic()) > 0:
            if self._line.next(within=left)[0] == line.RELEASE_RP:
                return
        raise GoneError

    def say(self, context: Context, command: bytes, data: Iterable[bytes] | None = None) -> None:
        """Send a message. A command and a short data set leave as one PDU each.

        What `data` raises goes through, and the association is good for nothing but an abort.

        Raises:
            GoneError: it could not be sent.
        """
        self._line.send(*self._pdu(context, command, _OF_COMMAND | _IS_LAST), within=NETWORK)
        if data is None:
            return
        self.is_cut = True
        for piece, is_last in _cut(data, self._most):
            self._line.send(*self._pdu(context, piece, _IS_LAST if is_last else 0), within=NETWORK)
        self.is_cut = False

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
        for came, marks, piece in self._fragments(first=self._patience):
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

    def _take(self, context: Context, held: Holding) -> None:
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
