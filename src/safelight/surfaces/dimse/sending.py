"""How does one object go to a peer by C-STORE, as part of a retrieval?

As it was kept wherever the peer takes that transfer syntax; made anew, without loss, only
where it takes others alone.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from safelight.exchange.release.viewing.objects import Outgoing, TakenBackError, Watch, gathered
from safelight.exchange.release.viewing.transcoded import sent, syntax_for
from safelight.kernel.errors import ExpectedError
from safelight.surfaces.dimse import commands, faults, statuses
from safelight.surfaces.dimse.conversation import Conversation
from safelight.surfaces.dimse.faults import GoneError, ProtocolError
from safelight.surfaces.dimse.negotiation import Context

_GROUP_LENGTH_AT: Final = 140
_GROUP_AT: Final = 144
_WARNINGS: Final = range(0xB000, 0xC000)


class NoContextError(Exception):
    """The peer takes no objects of this class, or in no form in which it can be had."""


@dataclass(slots=True)
class Sending:
    """Objects on their way to a peer. `originator` is who asked for a move, and by what message."""

    said: Conversation
    originator: tuple[str, int] | None = None
    cancels: set[int] = field(default_factory=set)
    _number: int = 0

    def send(self, leaving: Outgoing, watch: Watch) -> int:
        """Send one object and return the status that the peer answers.

        Raises:
            NoContextError: it cannot be sent; nothing was.
            TakenBackError: it may no longer leave; nothing was sent.
            GoneError: the peer has gone.
            ProtocolError: it may no longer leave, and some of it has; or the peer errs.
        """
        watch.ask()
        context, pieces = self._prepared(leaving)
        card = leaving.stored.card
        self._number = self._number % 0xFFFF + 1
        values: dict[int, int | str] = {
            commands.FIELD: commands.C_STORE,
            commands.MESSAGE_ID: self._number,
            commands.PRIORITY: 0,
            commands.DATA_SET_TYPE: 1,
            commands.AFFECTED_CLASS: card.sop_class_uid,
            commands.AFFECTED_INSTANCE: card.sop_instance_uid,
        }
        if self.originator is not None:
            title, message_id = self.originator
            values |= {commands.MOVE_ORIGINATOR: title, commands.MOVE_MESSAGE_ID: message_id}
        self.said.say(context, commands.written(values), _watched(pieces, watch))
        return self._answer()

    def _prepared(self, leaving: Outgoing) -> tuple[Context, Iterator[bytes]]:
        card = leaving.stored.card
        taken = {
            each.transfer_syntax: each
            for each in self.said.contexts.values()
            if each.abstract_syntax == card.sop_class_uid and each.as_scp
        }
        held = taken.get(card.transfer_syntax)
        if held is not None:
            stop = card.dataset_offset + card.dataset_size
            return held, leaving.stored.stream(card.dataset_offset, stop)
        try:
            into = syntax_for(leaving.stored, list(taken)) if taken else None
            if into is None:
                raise NoContextError
            return taken[into], _data_set_of(sent(leaving, [into]).pieces)
        except ExpectedError:
            raise NoContextError from None

    def _answer(self) -> int:
        while (message := self.said.next()) is not None:
            if message.data is not None:
                message.data.discard()
            command = message.command
            if command.field == commands.C_CANCEL:
                self.cancels.add(command.number(commands.ANSWERED_ID) or 0)
                continue
            if command.field != commands.C_STORE | commands.ANSWER:
                raise ProtocolError(faults.UNEXPECTED)
            status = command.number(commands.STATUS)
            return statuses.PROCESSING_FAILURE if status is None else status
        raise GoneError


def is_warning(status: int) -> bool:
    """Say whether the peer has kept an object, with a remark."""
    return status in _WARNINGS or status == 0x0001


def _watched(pieces: Iterator[bytes], watch: Watch) -> Iterator[bytes]:
    for piece in gathered(pieces):
        try:
            watch.before(len(piece))
        except TakenBackError:
            # The peer must not take the beginning of an object for all of it.
            raise ProtocolError(faults.NOT_SAID) from None
        yield piece


def _data_set_of(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Leave of a file its data set."""
    head = bytearray()
    for piece in pieces:
        head += piece
        if len(head) >= _GROUP_AT:
            stop = _GROUP_AT + int(struct.unpack_from("<I", head, _GROUP_LENGTH_AT)[0])
            if len(head) >= stop:
                yield bytes(head[stop:])
                break
    yield from pieces
