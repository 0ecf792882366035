"""How does one object go to the other side by C-STORE? (PS3.7 9.1.1)"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from safelight.platform.peers.dimse import commands, faults, statuses
from safelight.platform.peers.dimse.conversation import Conversation, Holding
from safelight.platform.peers.dimse.faults import GoneError, ProtocolError
from safelight.platform.peers.dimse.negotiation import Context

_WARNINGS: Final = range(0xB000, 0xC000)
_COERCED_UNUSUALLY: Final = 0x0001

_Held = TypeVar("_Held", bound=Holding)


@dataclass(frozen=True, slots=True)
class Named:
    """What an object is, by its two UIDs."""

    sop_class_uid: str
    sop_instance_uid: str


@dataclass(slots=True)
class Storing(Generic[_Held]):
    """Objects on their way, one after the other.

    `originator` is who asked for a move, and by what message. `cancels` are the numbers of
    messages that the other side cancelled meanwhile.
    """

    said: Conversation[_Held]
    originator: tuple[str, int] | None = None
    cancels: set[int] = field(default_factory=set)
    _number: int = 0

    def taken(self, sop_class_uid: str) -> dict[str, Context]:
        """Return by what contexts the other side takes objects of a class, by transfer syntax."""
        return {
            each.transfer_syntax: each
            for each in self.said.contexts.values()
            if each.abstract_syntax == sop_class_uid and each.as_scp
        }

    def store(self, context: Context, named: Named, pieces: Iterable[bytes]) -> int:
        """Send one data set and return the status that is answered.

        What `pieces` raises goes through; the association must be aborted then.

        Raises:
            GoneError, ProtocolError: the other side has gone, or errs.
        """
        self._number = self._number % 0xFFFF + 1
        values: dict[int, int | str] = {
            commands.FIELD: commands.C_STORE,
            commands.MESSAGE_ID: self._number,
            commands.PRIORITY: 0,
            commands.DATA_SET_TYPE: 1,
            commands.AFFECTED_CLASS: named.sop_class_uid,
            commands.AFFECTED_INSTANCE: named.sop_instance_uid,
        }
        if self.originator is not None:
            title, message_id = self.originator
            values |= {commands.MOVE_ORIGINATOR: title, commands.MOVE_MESSAGE_ID: message_id}
        self.said.say(context, commands.written(values), pieces)
        return self._answer()

    def _answer(self) -> int:
        while (message := self.said.next()) is not None:
            if message.data is not None:
                message.data.discard()
            command = message.command
            if command.field == commands.C_CANCEL:
                self.cancels.add(command.number(commands.ANSWERED_ID) or 0)
                continue
            if command.field != commands.C_STORE | commands.ANSWER or (
                command.number(commands.ANSWERED_ID) not in {None, self._number}
            ):
                raise ProtocolError(faults.UNEXPECTED)
            status = command.number(commands.STATUS)
            return statuses.PROCESSING_FAILURE if status is None else status
        raise GoneError


def is_warning(status: int) -> bool:
    """Say whether the other side has kept an object, with a remark."""
    return status in _WARNINGS or status == _COERCED_UNUSUALLY
