"""How is a data set written in another encoding? (PS3.5 sections 7.1, 7.5)

Explicit or implicit, little or big endian, one element after the other: long values
pass through in pieces, and sequences are delimited rather than counted, so that
nothing has to be held. Group lengths and trailing padding are left out.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple

from safelight.dicom import limits
from safelight.dicom.elements import vrs
from safelight.dicom.elements.ambiguous import resolved_vr
from safelight.dicom.elements.byte_order import WIDTHS, in_other_order
from safelight.dicom.elements.fields import UNDEFINED
from safelight.dicom.elements.values import numbers
from safelight.dicom.registry import tags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safelight.dicom.elements.element import Element, Item
    from safelight.dicom.source import Source

_LONGEST_SHORT: Final = 0xFFFE
_SPACED: Final = frozenset(vrs.SHORT_FORM.values()) - set(WIDTHS) - {"UI"} | {"UC", "UR", "UT"}
_SAMPLES: Final = {32: "OL", 64: "OV"}
_FRAGMENTED: Final = b"\xfe\xff\x00\xe0"


class Encoding(NamedTuple):
    """How elements are to be written."""

    explicit: bool
    little_endian: bool

    def head(self, tag: int, vr: str, length: int) -> bytes:
        """Return what stands before a value of `length` bytes."""
        order = "<" if self.little_endian else ">"
        if not self.explicit:
            return Struct(order + "HHI").pack(tag >> 16, tag & 0xFFFF, length)
        code = vr.encode()
        if code in vrs.SHORT_FORM:
            return Struct(order + "HH2sH").pack(tag >> 16, tag & 0xFFFF, code, length)
        return Struct(order + "HH2sHI").pack(tag >> 16, tag & 0xFFFF, code, 0, length)

    def marker(self, tag: int, length: int = 0) -> bytes:
        """Return an item or a delimiter."""
        order = "<" if self.little_endian else ">"
        return Struct(order + "HHI").pack(tag >> 16, tag & 0xFFFF, length)

    def turned(self, value: bytes, vr: str, *, little_endian: bool) -> bytes:
        """Return a value that is little endian or not in this byte order."""
        return value if little_endian == self.little_endian else in_other_order(value, vr)


def rewritten(
    item: Item, source: Source, into: Encoding, *, signed: bool | None = None
) -> Iterator[tuple[int, bytes]]:
    """Yield the elements of a data set as (tag, bytes), a long one in several pieces.

    `signed` is the Pixel Representation of the data set around it.
    """
    representation = item.elements.get(tags.PIXEL_REPRESENTATION)
    if representation is not None and representation.value:
        signed = b"\x01" in representation.value
    for tag, element in sorted(item.elements.items()):
        if not tag & 0xFFFF or tag == tags.DATA_SET_TRAILING_PADDING:
            continue
        if element.items is not None:
            yield tag, b"".join(_sequence(tag, element.items, source, into, signed=signed))
            continue
        vr = element.vr
        if " " in vr:
            vr = resolved_vr(tag, element, item, signed=signed)
        for piece in _element(tag, vr, element, item, source, into):
            yield tag, piece


def _sequence(
    tag: int, items: tuple[Item, ...], source: Source, into: Encoding, *, signed: bool | None
) -> Iterator[bytes]:
    yield into.head(tag, vrs.SEQUENCE, UNDEFINED)
    for item in items:
        yield into.marker(tags.ITEM, UNDEFINED)
        for _, piece in rewritten(item, source, into, signed=signed):
            yield piece
        yield into.marker(tags.ITEM_END)
    yield into.marker(tags.SEQUENCE_END)


def _element(
    tag: int, vr: str, element: Element, item: Item, source: Source, into: Encoding
) -> Iterator[bytes]:
    length = element.length + element.length % 2
    if into.explicit and length > _LONGEST_SHORT and vr.encode() in vrs.SHORT_FORM:
        vr = vrs.UNKNOWN  # PS3.5 section 6.2.2, note 4: too long for what it is
    yield into.head(tag, vr, length)
    width = _pixel_width(item, vr) if tag == tags.PIXEL_DATA else vr
    end = element.offset + element.length
    for offset in range(element.offset, end, limits.MIB):
        piece = element.value or source.read(offset, min(limits.MIB, end - offset))
        yield into.turned(piece, width, little_endian=item.little_endian)
    if element.length % 2:
        yield b" " if vr in _SPACED else b"\0"


def _pixel_width(item: Item, vr: str) -> str:
    """Return a VR as wide as the samples, which are turned whole (PS3.5 section 8.1.1)."""
    allocated = item.elements.get(tags.BITS_ALLOCATED)
    if vr != "OW" or allocated is None or not allocated.value:
        return vr
    bits = numbers(allocated.value[:2], "US", little_endian=item.little_endian)
    return _SAMPLES.get(bits[0], vr) if bits else vr


def holds_fragments(items: tuple[Item, ...], source: Source) -> bool:
    """Say whether a sequence holds compressed pixels, as an icon of a compressed image may."""
    for item in items:
        for tag, element in item.elements.items():
            if element.items is not None and holds_fragments(element.items, source):
                return True
            if tag == tags.PIXEL_DATA and source.read(element.offset, 4) == _FRAGMENTED:
                return True
    return False
