"""In what form does a stored object leave?

Byte for byte as it came (I8), but for the preamble: 128 bytes that DICOM
ignores and attackers like are zeroed unless they are a TIFF header, and whatever
was hidden after the data set stays behind. An object
that came without a file header gets one, because it leaves as a file.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from safelight.dicom.digest import disarm
from safelight.dicom.part10 import file_meta
from safelight.exchange.access.facts import Party
from safelight.exchange.release.find import Found, find_study_by_id
from safelight.kernel.errors import NotFoundError
from safelight.records.imaging.store import StoredObject

_PROLOGUE: Final = 132
_MAGIC: Final = b"DICM"
RECHECK_EVERY: Final = 1 << 20
_RECHECK_SECONDS: Final = 1.0


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


def watched(
    pieces: Iterator[bytes], party: Party, found: Found, now: Callable[[], datetime]
) -> Iterator[bytes]:
    """Pass pieces on while the party may still have them; stop at the next one when not.

    The decision is asked again every 1 MiB and every second, so a withdrawal ends
    a running stream (security S19). A cut stream ends early: its length will not fit.
    """
    sent, asked_at = 0, time.monotonic()
    for piece in pieces:
        if sent >= RECHECK_EVERY or time.monotonic() - asked_at >= _RECHECK_SECONDS:
            sent, asked_at = 0, time.monotonic()
            try:
                find_study_by_id(party, found.study.id, at=now())
            except NotFoundError:
                return
        yield piece
        sent += len(piece)
