"""Where does a data set wait while it arrives? In memory while small, then sealed on disk.

So memory does not grow with what is sent, and nothing readable touches the disk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from safelight.dicom.source import BytesSource, Source
from safelight.exchange.receive.spools import LargePart, NoRoomError, new_large_part
from safelight.platform.peers.dimse.commands import C_STORE, Command
from safelight.platform.peers.dimse.conversation import Conversation, Message

IN_MEMORY: Final = 4 << 20
LARGEST: Final = 4 << 30
"""The most bytes of one data set; whatever sends more is not believed to end."""
_LARGEST_ASKED: Final = 1 << 20
"""So long may a data set be that is no object: a search, or what is to be committed."""


class Held:
    """A data set on its way in. `is_lost` once there was no room, or it was not wanted."""

    def __init__(self, *, most: int = LARGEST, is_wanted: bool = True) -> None:
        self._most = most
        self._buffer = bytearray()
        self._spool: LargePart | None = None
        self.size = 0
        self.is_lost = not is_wanted

    @property
    def is_too_long(self) -> bool:
        """Whether more came than may."""
        return self.size > self._most

    def add(self, more: memoryview) -> None:
        """Add what came."""
        self.size += len(more)
        if self.is_lost or self.is_too_long:
            return
        if self._spool is None and len(self._buffer) + len(more) <= IN_MEMORY:
            self._buffer += more
            return
        try:
            if self._spool is None:
                self._spool = new_large_part()
                self._spool.append(memoryview(self._buffer))
                self._buffer = bytearray()
            self._spool.append(more)
        except NoRoomError:
            self.is_lost = True
            self.discard()

    def source(self) -> Source:
        """Return what came, to be read anywhere."""
        return self._spool if self._spool is not None else BytesSource(bytes(self._buffer))

    def discard(self) -> None:
        """Let go of what is held."""
        self._buffer = bytearray()
        if self._spool is not None:
            self._spool.discard()
            self._spool = None


Heard = Message[Held]
Talk = Conversation[Held]


def holder(may_store: Callable[[], bool]) -> Callable[[Command], Held]:
    """Return where the data sets of an association wait.

    `may_store` is asked once an object is announced: of one that may not come, nothing
    is held.
    """

    def hold(command: Command) -> Held:
        if command.field == C_STORE:
            return Held(is_wanted=may_store())
        return Held(most=_LARGEST_ASKED)

    return hold
