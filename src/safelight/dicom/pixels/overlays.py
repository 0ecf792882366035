"""Which drawings lie over a frame? (PS3.3 C.9.2, C.9.3)

A drawing is a plane of single bits, one for each place of the overlay: beside the
pixels, or, as older objects have it, in bits of the pixels that are not theirs. What
is only meant as a region of interest is no drawing: it would cover what it points at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from safelight.dicom.pixels.item import Item
from safelight.dicom.reasons import Reason, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safelight.dicom.pixels.item import PartOfBulk
    from safelight.dicom.pixels.layout import PixelModule

_GROUPS: Final = range(0x6000, 0x6020, 2)
_ROWS, _COLUMNS, _FRAMES, _TYPE = 0x0010, 0x0011, 0x0015, 0x0040
_ORIGIN, _FRAME_ORIGIN, _BIT, _DATA = 0x0050, 0x0051, 0x0102, 0x3000
_DRAWING: Final = "G"
_LONGEST_SIDE: Final = 65_535
_MOST_PLACES: Final = 1 << 26
_PAIR: Final = 2
_BYTE: Final = 8
_WORD: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """One drawing over one frame.

    Its upper left corner lies at (`top`, `left`) of the frame, from 0. `bits` hold a bit
    for each place, row by row, the lowest of a byte first, after `skipped` bits of
    others. `plane` is the bit of the pixel values that holds it instead, or None.

    Raises:
        UnreadableError: it has no places, too many, or fewer bits than places.
    """

    rows: int
    columns: int
    top: int = 0
    left: int = 0
    skipped: int = 0
    bits: bytes = b""
    plane: int | None = None

    def __post_init__(self) -> None:
        sides = 1 <= self.rows <= _LONGEST_SIDE and 1 <= self.columns <= _LONGEST_SIDE
        places = self.rows * self.columns
        inside = abs(self.top) <= _LONGEST_SIDE and abs(self.left) <= _LONGEST_SIDE
        if not (sides and inside and places <= _MOST_PLACES and 0 <= self.skipped < _WORD):
            raise UnreadableError(Reason.BAD_PIXELS)
        if self.plane is None and len(self.bits) * _BYTE < self.skipped + places:
            raise UnreadableError(Reason.PIXELS_TOO_SHORT)

    def to_wire(self) -> dict[str, Any]:
        """Return the drawing as JSON can carry it; its bits go beside, `size` bytes of them."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name != "bits"}
        return plain | {"size": len(self.bits)}

    @classmethod
    def from_wire(cls, wire: dict[str, Any], bits: bytes) -> Overlay:
        """Return the drawing that `to_wire` wrote."""
        return cls(bits=bits, **{name: value for name, value in wire.items() if name != "size"})


def overlays(
    model: dict[str, Any], pixels: PixelModule, *, bulk: PartOfBulk | None = None
) -> tuple[Overlay, ...]:
    """Return the drawings over the frame that `pixels` are about; broken ones are left out."""
    item = Item(model)
    return tuple(_drawings(item, pixels, bulk))


def _drawings(item: Item, pixels: PixelModule, bulk: PartOfBulk | None) -> Iterator[Overlay]:
    for number in _GROUPS:
        group = number << 16
        if not item.has(group | _ROWS) or item.text(group | _TYPE, _DRAWING) != _DRAWING:
            continue
        try:
            found = _drawing(item, group, pixels, bulk)
        except UnreadableError:
            continue
        if found is not None:
            yield found


def _drawing(
    item: Item, group: int, pixels: PixelModule, bulk: PartOfBulk | None
) -> Overlay | None:
    if not item.has(group | _DATA):
        return _embedded(item, group, pixels)
    at = 0
    if item.has(group | _FRAMES):
        # The first of its frames lies over this one of the image's, and so on.
        at = pixels.number - item.integer(group | _FRAME_ORIGIN, 1)
        if not 0 <= at < item.integer(group | _FRAMES, 1):
            return None
    rows, columns = item.integer(group | _ROWS, 0), item.integer(group | _COLUMNS, 0)
    if not 0 < rows * columns <= _MOST_PLACES:
        return None
    before = at * rows * columns
    start = before // _WORD * _PAIR
    stop = -(-(before + rows * columns) // _WORD) * _PAIR
    origin = item.numbers(group | _ORIGIN)
    top, left = origin if len(origin) == _PAIR else (1, 1)
    return Overlay(
        rows=rows,
        columns=columns,
        top=int(top) - 1,
        left=int(left) - 1,
        skipped=before % _WORD,
        bits=_bits(item, group | _DATA, bulk, start, stop),
    )


def _bits(item: Item, tag: int, bulk: PartOfBulk | None, start: int, stop: int) -> bytes:
    address = item.element(tag).get("BulkDataURI")
    if isinstance(address, str) and bulk is not None:
        return bulk(address, start=start, stop=stop)
    data = item.data(tag, None)
    return data[start:stop] if isinstance(data, bytes) else b""


def _embedded(item: Item, group: int, pixels: PixelModule) -> Overlay | None:
    """Return a drawing in bits of the pixels that hold none of their value."""
    bit = item.integer(group | _BIT, -1)
    is_free = not pixels.high_bit - pixels.bits_stored < bit <= pixels.high_bit
    if pixels.floating or pixels.samples > 1 or not (0 <= bit < pixels.bits_allocated and is_free):
        return None
    return Overlay(rows=pixels.rows, columns=pixels.columns, plane=bit)
