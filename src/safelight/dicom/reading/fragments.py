"""Where are the fragments of an encapsulated value? (PS3.5 section A.4)"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Final

from safelight.dicom import limits
from safelight.dicom.reasons import Reason, UnreadableError
from safelight.dicom.registry.tags import ITEM, SEQUENCE_END
from safelight.dicom.source import Piece

if TYPE_CHECKING:
    from safelight.dicom.source import Source

_HEADER: Final = 8
_AHEAD: Final = 1024
_LITTLE: Final = Struct("<HHI").unpack_from
_BIG: Final = Struct(">HHI").unpack_from


def walk_fragments(
    source: Source, start: int, end: int, *, little_endian: bool
) -> tuple[tuple[Piece, ...], int]:
    """Return the fragments between `start` and their delimiter, and where that lies.

    The first fragment is the basic offset table, which may be empty. Only the
    fragments' headers are read.

    Raises:
        UnreadableError: a length lies, the delimiter is missing, or there are too many.
    """
    unpack = _LITTLE if little_endian else _BIG
    pieces: list[Piece] = []
    position = base = start
    data = b""
    while position + _HEADER <= end:
        at = position - base
        if at + _HEADER > len(data):
            data, base, at = source.read(position, min(_AHEAD, end - position)), position, 0
            if len(data) < _HEADER:
                break
        group, number, length = unpack(data, at)
        tag = group << 16 | number
        if tag == SEQUENCE_END:
            return tuple(pieces), position
        position += _HEADER
        if tag != ITEM:
            raise UnreadableError(Reason.MALFORMED)
        if position + length > end:
            raise UnreadableError(Reason.LENGTH_BEYOND_END)
        if len(pieces) > limits.FRAGMENTS:
            raise UnreadableError(Reason.TOO_MANY_ITEMS)
        pieces.append(Piece(position, length))
        position += length
    raise UnreadableError(Reason.TRUNCATED)
