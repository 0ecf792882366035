"""In what form does a stored object leave?

Byte for byte as it came (I8), but for the preamble: 128 bytes that DICOM
ignores and attackers like are zeroed unless they are a TIFF header, and whatever
was hidden after the data set stays behind. An object
that came without a file header gets one, because it leaves as a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Final

from safelight.dicom.reading.digest import disarm
from safelight.dicom.writing.part10 import file_meta
from safelight.exchange.access.decide import decide
from safelight.exchange.access.epoch import current_epoch
from safelight.exchange.access.facts import Party
from safelight.exchange.release.viewing.find import Found, deny
from safelight.kernel.errors import ExpectedError
from safelight.records.imaging.store import StoredObject

_PROLOGUE: Final = 132
_MAGIC: Final = b"DICM"
RECHECK_EVERY: Final = 1 << 20
_RECHECK_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One object as a file: its size and its bytes in pieces of at most 1 MiB."""

    stored: StoredObject
    head: bytes
    start: int
    stop: int

    @property
    def size(self) -> int:
        """How many bytes the file has."""
        return len(self.head) + self.stop - self.start

    @property
    def data_set_at(self) -> int:
        """At which byte of the file its data set begins."""
        return len(self.head) + self.stored.card.dataset_offset - self.start

    def pieces(self) -> Iterator[bytes]:
        """Yield the file."""
        yield self.head
        yield from self.stored.stream(self.start, self.stop)


def outgoing(stored: StoredObject) -> Outgoing:
    """Prepare one object for leaving as a DICOM file."""
    card = stored.card
    stop = card.dataset_offset + card.dataset_size
    first = stored.read(0, _PROLOGUE)
    if first[_PROLOGUE - len(_MAGIC) :] == _MAGIC:
        return Outgoing(stored, disarm(first), _PROLOGUE, stop)
    head = file_meta(card.sop_class_uid, card.sop_instance_uid, card.transfer_syntax)
    return Outgoing(stored, head, card.dataset_offset, stop)


class TakenBackError(Exception):
    """Whoever asked may no longer have it; what is running ends unfinished on purpose."""


class Watch:
    """Asks again, while something runs, whether it may still leave (security S19).

    Before every 1 MiB it is asked whether anything was withdrawn, and if so decided anew.
    Every tenth of a second it is found anew who asks, too: not only a withdrawal ends what
    runs, but also signing out, a revoked token and an ended visit or membership.
    """

    def __init__(
        self, who: Callable[[datetime], Party], found: Found, now: Callable[[], datetime]
    ) -> None:
        """Watch what leaves of `found`, which has just been decided."""
        self._who = who
        self._found = found
        self._now = now
        self._epoch = found.epoch
        self._sent = 0
        self._asked_at = monotonic()

    def before(self, size: int) -> None:
        """Let `size` bytes leave next.

        Raises:
            TakenBackError: they may not.
        """
        if monotonic() - self._asked_at >= _RECHECK_SECONDS:
            self.ask()
        elif self._sent >= RECHECK_EVERY:
            self._sent = 0
            if self._epoch is None or current_epoch() != self._epoch:
                self.ask()
        self._sent += size

    def may_leave(self) -> bool:
        """Ask now, and say the answer."""
        try:
            self.ask()
        except TakenBackError:
            return False
        return True

    def ask(self) -> None:
        """Ask now.

        Raises:
            TakenBackError: nothing more may leave.
        """
        self._sent, self._asked_at = 0, monotonic()
        # Read before it is decided: a withdrawal in between is noticed with the next MiB.
        self._epoch = current_epoch()
        at, study_id = self._now(), self._found.study.id
        try:
            party = self._who(at)
        except ExpectedError:
            raise TakenBackError from None
        if not decide(party, self._found.action, study_id, at=at).allowed:
            deny(party, self._found.action, at=at)
            raise TakenBackError


def gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Join small pieces, and cut large ones, to pieces of half a MiB to one."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        if held and size + len(piece) > RECHECK_EVERY:
            yield b"".join(held)
            held, size = [], 0
        if len(piece) > RECHECK_EVERY:
            for start in range(0, len(piece), RECHECK_EVERY):
                yield piece[start : start + RECHECK_EVERY]
        else:
            held.append(piece)
            size += len(piece)
    if held:
        yield b"".join(held)


def watched(pieces: Iterator[bytes], watch: Watch) -> Iterator[bytes]:
    """Pass pieces on, 1 MiB at most at once, while they may leave.

    A cut stream ends early: its length will not fit.
    """
    for piece in gathered(pieces):
        try:
            watch.before(len(piece))
        except TakenBackError:
            return
        yield piece
