"""What does a lookup table of an image say? (PS3.3 C.7.6.3.1.5, C.11.1, C.11.2)

A table is kept as plain bytes, so that it can be carried to the cage and be
read there by numpy; nothing here computes with pixels.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from safelight.dicom.reasons import Reason, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MOST_ENTRIES: Final = 65_536
_DESCRIPTOR_VALUES: Final = 3
_WORD: Final = 2
_BYTE_BITS: Final = 8
_WORD_BITS: Final = 16


@dataclass(frozen=True, slots=True)
class LookupTable:
    """A table whose first entry stands for the value `first`.

    `entries` are unsigned 16-bit little endian words, `bits` of which are used.

    Raises:
        UnreadableError: the table is empty, has too many entries or odd bytes.
    """

    first: int
    bits: int
    entries: bytes

    def __post_init__(self) -> None:
        fits = 0 < len(self.entries) <= MOST_ENTRIES * _WORD and len(self.entries) % _WORD == 0
        if not fits or not 1 <= self.bits <= _WORD_BITS or abs(self.first) > MOST_ENTRIES:
            raise UnreadableError(Reason.BAD_PIXELS)

    def to_wire(self) -> dict[str, Any]:
        """Return the table as JSON can carry it."""
        text = base64.b64encode(self.entries).decode("ascii")
        return {"first": self.first, "bits": self.bits, "entries": text}

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> LookupTable:
        """Return the table that `to_wire` wrote."""
        return cls(int(wire["first"]), int(wire["bits"]), base64.b64decode(wire["entries"]))


def lookup_table(descriptor: Sequence[Any], data: bytes | Sequence[Any]) -> LookupTable:
    """Return the table of a descriptor and its data (OW bytes or US numbers).

    Eight-bit entries may be packed two in a word or stand one in each; the length
    of the data tells which.

    Raises:
        UnreadableError: the descriptor has not three numbers or promises other data.
    """
    try:
        count, first, bits = (int(value) for value in descriptor)
    except (TypeError, ValueError) as error:
        raise UnreadableError(Reason.BAD_PIXELS) from error
    count = count or MOST_ENTRIES
    if not 0 < count <= MOST_ENTRIES:
        raise UnreadableError(Reason.BAD_PIXELS)
    raw = data if isinstance(data, bytes) else _words(data, count)
    if bits <= _BYTE_BITS and count <= len(raw) < count * _WORD:
        raw = _widened(raw[:count])
    if len(raw) < count * _WORD:
        raise UnreadableError(Reason.BAD_PIXELS)
    return LookupTable(first, bits, raw[: count * _WORD])


def segmented_table(
    descriptor: Sequence[Any], data: bytes | Sequence[Any], expand: Callable[[list[int]], list[int]]
) -> LookupTable:
    """Return the table of a segmented palette; `expand` turns its segments into entries."""
    raw = data if isinstance(data, bytes) else _words(data, MOST_ENTRIES)
    words = [int.from_bytes(raw[at : at + _WORD], "little") for at in range(0, len(raw), _WORD)]
    return lookup_table(descriptor, expand(words))


def _words(values: Sequence[Any], most: int) -> bytes:
    try:
        return b"".join(int(value).to_bytes(_WORD, "little") for value in values[:most])
    except (TypeError, ValueError, OverflowError) as error:
        raise UnreadableError(Reason.BAD_PIXELS) from error


def _widened(data: bytes) -> bytes:
    wide = bytearray(len(data) * _WORD)
    wide[::_WORD] = data
    return bytes(wide)
