"""Where is each frame of an object? (PS3.5 section A.4, PS3.3 section C.7.6.3)

A native frame is one piece of the source, an encapsulated one is its fragments.
The number of frames must be what the header says; a table that lies is not used.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from struct import unpack_from
from typing import TYPE_CHECKING, Final

from safelight.dicom import limits
from safelight.dicom.reading.pixel_claims import Claims, pixel_claims
from safelight.dicom.reasons import Reason, UnreadableError
from safelight.dicom.registry import tags
from safelight.dicom.registry.transfer_syntaxes import transfer_syntax
from safelight.dicom.source import Piece

if TYPE_CHECKING:
    from collections.abc import Iterable

    from safelight.dicom.reading.header import Header, PixelData
    from safelight.dicom.source import Source

__all__ = ["Frame", "FrameTable", "Piece", "frame_table"]

Frame = tuple[Piece, ...]
"""The pieces whose bytes, one after the other, are one frame as stored."""

_ITEM_HEADER: Final = 8
_BYTE: Final = 8
_WORD: Final = 16
_OFFSET: Final = 4
_LONG_OFFSET: Final = 8
_STARTS: Final = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0c")
"""How a JPEG or JPEG-LS image, a JPEG 2000 code stream and a JP2 file begin."""


@dataclass(frozen=True, slots=True)
class FrameTable:
    """Every frame of one object, in order; none if it has no image matrix.

    `inflated`: the pieces count in the inflated data set (`Header.dataset`), not in
    the source. A video is one frame here, however many pictures it shows. Frames
    of one-bit pixels may begin inside a byte, and frames of an odd number of bytes
    inside a big endian word; a piece holds every byte or word that they touch.
    """

    frames: tuple[Frame, ...]
    inflated: bool = False


def frame_table(header: Header, source: Source) -> FrameTable:
    """Return where the frames are, reading nothing but offset tables.

    Raises:
        UnreadableError: the frames do not add up to what the header says.
    """
    pixels, claims = header.pixels, pixel_claims(header)
    inflated = header.dataset is not None
    if pixels is None or claims is None:
        return FrameTable((), inflated)
    if not pixels.encapsulated:
        return FrameTable(tuple(_native(header, pixels, claims)), inflated)
    fragments = pixels.fragments[1:]
    if transfer_syntax(header.transfer_syntax).video and fragments:
        return FrameTable((fragments,), inflated)
    return FrameTable(_encapsulated(header, header.dataset or source, claims.frames), inflated)


def _native(header: Header, pixels: PixelData, claims: Claims) -> Iterable[Frame]:
    available = (pixels.length or 0) * _BYTE
    bits = claims.stored_bits
    if available >= claims.decoded_bits * claims.frames:
        bits = claims.decoded_bits  # the name of a subsampled colour space, but full samples
    if bits * claims.frames > available:
        raise UnreadableError(Reason.PIXELS_TOO_SHORT)
    unit = _WORD if _written_in_swapped_words(header, claims) else _BYTE
    for number in range(claims.frames):
        first = number * bits // unit * unit // _BYTE
        end = -(-(number + 1) * bits // unit) * unit // _BYTE
        yield (Piece(pixels.offset + first, min(end, available // _BYTE) - first),)


def _written_in_swapped_words(header: Header, claims: Claims) -> bool:
    """Say whether two eight-bit samples change places in each big endian word."""
    pixels = header.elements.get(tags.PIXEL_DATA)
    words = pixels is not None and pixels.vr != "OB"
    return words and not header.little_endian and claims.bits_allocated <= _BYTE


def _encapsulated(header: Header, source: Source, count: int) -> tuple[Frame, ...]:
    """Group the fragments into `count` frames by the first evidence that fits."""
    pixels = header.pixels
    fragments = pixels.fragments[1:] if pixels else ()
    if pixels is None or len(fragments) < count:
        raise UnreadableError(Reason.FRAMES_MISMATCH)
    table = _basic_offsets(pixels, source) or _extended_offsets(header, source)
    if len(table) > count:
        raise UnreadableError(Reason.FRAMES_MISMATCH)
    if len(fragments) == count:
        return tuple((fragment,) for fragment in fragments)
    if count == 1:
        return (fragments,)
    grouped = _grouped_by_offset(fragments, table) if len(table) == count else None
    grouped = grouped or _grouped_by_start(fragments, source)
    if len(grouped) != count:
        raise UnreadableError(Reason.FRAMES_MISMATCH)
    return grouped


def _basic_offsets(pixels: PixelData, source: Source) -> tuple[int, ...]:
    """Return the basic offset table; always little endian, since encapsulation is."""
    return _offsets(pixels.fragments[0], "I", _OFFSET, source)


def _extended_offsets(header: Header, source: Source) -> tuple[int, ...]:
    element = header.elements.get(tags.EXTENDED_OFFSET_TABLE)
    if element is None:
        return ()
    return _offsets(Piece(element.offset, element.length), "Q", _LONG_OFFSET, source)


def _offsets(table: Piece, letter: str, width: int, source: Source) -> tuple[int, ...]:
    """Read a table, unless it is longer than one of all frames we allow could be."""
    if table.length > limits.FRAMES * width:
        raise UnreadableError(Reason.FRAMES_MISMATCH)
    data = source.read(table.offset, table.length)
    return unpack_from(f"<{len(data) // width}{letter}", data)


def _grouped_by_offset(
    fragments: tuple[Piece, ...], table: tuple[int, ...]
) -> tuple[Frame, ...] | None:
    """Return the frames that an offset table tells of, None if it does not fit."""
    start = fragments[0].offset - _ITEM_HEADER
    places = {fragment.offset - _ITEM_HEADER - start: at for at, fragment in enumerate(fragments)}
    firsts = [places.get(offset, -1) for offset in table]
    if firsts[0] != 0 or any(after <= first for first, after in pairwise(firsts)):
        return None
    ends = (*firsts[1:], len(fragments))
    return tuple(fragments[first:end] for first, end in zip(firsts, ends, strict=True))


def _grouped_by_start(fragments: tuple[Piece, ...], source: Source) -> tuple[Frame, ...]:
    """Return frames that each start where an image stream starts."""
    firsts = [
        at
        for at, fragment in enumerate(fragments)
        if source.read(fragment.offset, min(4, fragment.length)).startswith(_STARTS)
    ]
    if not firsts or firsts[0] != 0:
        return ()
    ends = (*firsts[1:], len(fragments))
    return tuple(fragments[first:end] for first, end in zip(firsts, ends, strict=True))
