"""How are the pixels of an image laid out, and how are they meant to be seen?

`PixelModule` is the Image Pixel module (PS3.3 C.7.6.3) with what rendering needs
from its neighbours. It is checked when it is made, in plain integers, so that no
one who holds it can be led to allocate what a hostile header declares.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from safelight.dicom import limits
from safelight.dicom.pixels.attributes import attributes, has_pixels
from safelight.dicom.pixels.lookup import LookupTable
from safelight.dicom.pixels.voi import VoiWindow
from safelight.dicom.reasons import Reason, UnreadableError

if TYPE_CHECKING:
    from safelight.dicom.pixels.item import Bulk

MONOCHROME1: Final = "MONOCHROME1"
MONOCHROME2: Final = "MONOCHROME2"
PALETTE_COLOR: Final = "PALETTE COLOR"
RGB: Final = "RGB"
YBR_FULL: Final = "YBR_FULL"
YBR_FULL_422: Final = "YBR_FULL_422"

_SAMPLES: Final = {
    MONOCHROME1: 1,
    MONOCHROME2: 1,
    PALETTE_COLOR: 1,
    RGB: 3,
    YBR_FULL: 3,
    YBR_FULL_422: 3,
    "YBR_PARTIAL_420": 3,
    "YBR_PARTIAL_422": 3,
    "YBR_ICT": 3,
    "YBR_RCT": 3,
}
_BITS: Final = frozenset({1, 8, 16, 32})
_FLOAT_BITS: Final = frozenset({32, 64})
_LONGEST_SIDE: Final = 65_535
_PALETTES: Final = (0, 3)
_BYTE: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelModule:
    """What is needed to read and show one frame.

    `number` is which frame this is about, from 1: one-bit frames follow one another
    without padding, so where a frame starts in its first byte depends on it. `aspect` is
    the height of a pixel over its width. `words` says that samples of up to eight bits
    were written as 16-bit words (OW), which matters in big endian only.

    Raises:
        UnreadableError: `bad-pixels` or `pixel-flood`.
    """

    rows: int
    columns: int
    frames: int = 1
    number: int = 1
    samples: int = 1
    photometric: str = MONOCHROME2
    planar: int = 0
    bits_allocated: int = 16
    bits_stored: int = 16
    high_bit: int = 15
    signed: bool = False
    floating: bool = False
    words: bool = False
    aspect: float = 1.0
    slope: float = 1.0
    intercept: float = 0.0
    padding: int | None = None
    inverse: bool = False
    windows: tuple[VoiWindow, ...] = ()
    modality_lut: LookupTable | None = None
    voi_lut: LookupTable | None = None
    palette: tuple[LookupTable, ...] = field(default=())

    def __post_init__(self) -> None:
        if not (self._sizes_make_sense() and self._bits_make_sense() and self._looks_make_sense()):
            raise UnreadableError(Reason.BAD_PIXELS)
        if self.frames > limits.FRAMES or self.decoded_bytes > limits.FRAME_BYTES:
            raise UnreadableError(Reason.PIXEL_FLOOD)

    def _sizes_make_sense(self) -> bool:
        sides = 1 <= self.rows <= _LONGEST_SIDE and 1 <= self.columns <= _LONGEST_SIDE
        colour = _SAMPLES.get(self.photometric) == self.samples
        counts = self.frames >= 1 and 1 <= self.number <= limits.FRAMES
        return sides and colour and counts and self.planar in {0, 1}

    def _bits_make_sense(self) -> bool:
        if self.floating:
            return self.bits_allocated in _FLOAT_BITS
        stored = 1 <= self.bits_stored <= self.bits_allocated
        high = self.bits_stored - 1 <= self.high_bit < self.bits_allocated
        return self.bits_allocated in _BITS and stored and high

    def _looks_make_sense(self) -> bool:
        numbers = math.isfinite(self.slope) and math.isfinite(self.intercept)
        shape = math.isfinite(self.aspect) and self.aspect > 0
        return numbers and shape and len(self.palette) in _PALETTES

    @classmethod
    def from_json(
        cls, model: dict[str, Any], *, frame: int = 1, bulk: Bulk | None = None
    ) -> PixelModule:
        """Return the module for frame number `frame` (from 1) of a DICOM JSON model.

        Tables too long to stand in the model are fetched through `bulk`, which gets
        their `BulkDataURI`; without it they are left out.

        Raises:
            UnreadableError: `bad-pixels` or `pixel-flood`.
        """
        return cls(**attributes(model, frame=frame, bulk=bulk))

    @property
    def is_monochrome(self) -> bool:
        """Say whether the image is shown in shades of gray."""
        return self.photometric in {MONOCHROME1, MONOCHROME2}

    @property
    def native_bits(self) -> int:
        """Return the length of one frame in a native transfer syntax, in bits."""
        samples = self.rows * self.columns * self.samples
        if self.photometric == YBR_FULL_422:
            samples = self.rows * (self.columns + self.columns % 2) * 2
        return samples * self.bits_allocated

    @property
    def native_bytes(self) -> int:
        """Return the same in whole bytes."""
        return -(-self.native_bits // _BYTE)

    @property
    def decoded_bytes(self) -> int:
        """Return the length of one frame as `decode` gives it: whole bytes, all samples."""
        return self.rows * self.columns * self.samples * max(self.bits_allocated // _BYTE, 1)

    def to_wire(self) -> dict[str, Any]:
        """Return the module as JSON can carry it."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name not in _TABLES}
        tables = (self.modality_lut, self.voi_lut)
        return plain | {
            "windows": [window.to_wire() for window in self.windows],
            "modality_lut": tables[0] and tables[0].to_wire(),
            "voi_lut": tables[1] and tables[1].to_wire(),
            "palette": [table.to_wire() for table in self.palette],
        }

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> PixelModule:
        """Return the module that `to_wire` wrote."""
        plain = {name: value for name, value in wire.items() if name not in _TABLES}
        modality, voi = wire["modality_lut"], wire["voi_lut"]
        return cls(
            **plain,
            windows=tuple(VoiWindow.from_wire(window) for window in wire["windows"]),
            modality_lut=LookupTable.from_wire(modality) if modality else None,
            voi_lut=LookupTable.from_wire(voi) if voi else None,
            palette=tuple(LookupTable.from_wire(table) for table in wire["palette"]),
        )


_TABLES: Final = frozenset({"windows", "modality_lut", "voi_lut", "palette"})


@dataclass(frozen=True, slots=True)
class DecodedFrame:
    """One frame in native little endian form, colour by pixel, and what it now looks like.

    Colour is RGB, whatever it was; single bits have become bytes of 0 and 1.
    """

    pixels: PixelModule
    data: bytes


def describe(model: dict[str, Any], *, frame: int = 1) -> PixelModule | None:
    """Return how an instance's pixels look, or None when it has none to show.

    Raises:
        UnreadableError: it has pixels, but their description makes no sense.
    """
    return PixelModule.from_json(model, frame=frame) if has_pixels(model) else None
