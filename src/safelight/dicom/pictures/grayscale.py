"""How bright is each value? (PS3.3 C.11.1 modality, C.11.2 values of interest)

For the cage only. Integers of up to 16 bits go through one table with an entry
per possible value, so that a frame costs one indexing whatever the functions are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from safelight.dicom.pictures.colour import to_bytes
from safelight.dicom.pixels.layout import MONOCHROME1, PixelModule
from safelight.dicom.pixels.lookup import LookupTable
from safelight.dicom.pixels.voi import VoiFunction, VoiWindow

_BRIGHTEST: Final = 255.0
_TABLE_BITS: Final = 16
_BYTE: Final = 8
_DARK_AND_BRIGHT: Final = (0.5, 99.5)
_SAMPLED: Final = 65_536
_AT_A_TIME: Final = 1 << 20  # values
_TABLES: Final = 16  # of 64 KiB


def shades(
    values: NDArray[Any], pixels: PixelModule, window: VoiWindow | None
) -> NDArray[np.uint8]:
    """Return a byte of brightness for each stored value.

    Without `window` the image's own first window is used, then its VOI table, then
    its whole range (up to eight bits) or the range of all but its extreme values.
    """
    if values.dtype.kind in "iu" and values.dtype.itemsize * _BYTE <= _TABLE_BITS:
        unsigned = np.dtype(f"u{values.dtype.itemsize}")
        chosen = _window(values, pixels, window)
        table = _table(values.dtype.str, _Look.of(pixels), chosen)
        return _mapped(table, np.ascontiguousarray(values).view(unsigned))
    return _brightness(values, _Look.of(pixels), _window(values, pixels, window))


def _mapped(table: NDArray[np.uint8], values: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the table's entry for each value, of some rows at a time: indices take 8 bytes."""
    shown = np.empty(values.shape, np.uint8)
    rows = max(1, _AT_A_TIME * len(values) // values.size) if values.size else 1
    for start in range(0, len(values), rows):
        band = slice(start, start + rows)
        np.take(table, values[band], out=shown[band], mode="clip")
    return shown


@dataclass(frozen=True, slots=True)
class _Look:
    """What of an image's pixels decides how bright a value is, beside the window."""

    slope: float
    intercept: float
    modality_lut: LookupTable | None
    dark: bool

    @classmethod
    def of(cls, pixels: PixelModule) -> _Look:
        # INVERSE is what PS3.3 C.8.11.3 prescribes *for* MONOCHROME1: it says the same once more.
        dark = pixels.photometric == MONOCHROME1 or pixels.inverse
        return cls(pixels.slope, pixels.intercept, pixels.modality_lut, dark)


@lru_cache(maxsize=_TABLES)
def _table(dtype: str, look: _Look, window: VoiWindow | LookupTable) -> NDArray[np.uint8]:
    """Return the brightness of every possible value; the slices of a series share it."""
    kind = np.dtype(dtype)
    every = np.arange(1 << (kind.itemsize * _BYTE), dtype=f"u{kind.itemsize}").view(kind)
    table = _brightness(every, look, window)
    table.setflags(write=False)
    return table


def _brightness(
    values: NDArray[Any], look: _Look, window: VoiWindow | LookupTable
) -> NDArray[np.uint8]:
    real = _modality(values, look)
    if isinstance(window, LookupTable):
        bright = to_bytes(_looked_up(real, window), window.bits)
    else:
        bright = np.rint(windowed(real, window) * np.float32(_BRIGHTEST)).astype(np.uint8)
    return ~bright if look.dark else bright


def _modality(values: NDArray[Any], look: _Look) -> NDArray[Any]:
    if look.modality_lut is not None:
        return _looked_up(values, look.modality_lut)
    exact = np.float32 if values.dtype.itemsize <= np.float16().itemsize else np.float64
    real: NDArray[Any] = values.astype(exact)
    if look.slope != 1.0 or look.intercept != 0.0:
        real *= look.slope
        real += look.intercept
    return real


def _looked_up(values: NDArray[Any], table: LookupTable) -> NDArray[np.uint16]:
    entries = np.frombuffer(table.entries, dtype="<u2")
    at = np.nan_to_num(values.astype(np.float64)) - table.first
    return entries[np.clip(at, 0, len(entries) - 1).astype(np.int64)]


def _window(
    values: NDArray[Any], pixels: PixelModule, asked: VoiWindow | None
) -> VoiWindow | LookupTable:
    if asked is not None:
        return asked
    if pixels.windows:
        return pixels.windows[0]
    return pixels.voi_lut or _range(values, pixels)


def _range(values: NDArray[Any], pixels: PixelModule) -> VoiWindow:
    """Return a window over what the image holds, its padding left out."""
    if not pixels.floating and pixels.bits_stored <= _BYTE and pixels.modality_lut is None:
        least = -(1 << (pixels.bits_stored - 1)) if pixels.signed else 0
        ends = np.array([least, least + (1 << pixels.bits_stored) - 1])
    else:
        some = values.reshape(-1)[:: max(1, values.size // _SAMPLED)]
        if pixels.padding is not None:
            some = some[some != pixels.padding]
        some = some[np.isfinite(some)]
        ends = np.percentile(some, _DARK_AND_BRIGHT) if some.size else np.array([0, 1])
    low, high = sorted(float(end) for end in _modality(ends, _Look.of(pixels)))
    return VoiWindow((low + high) / 2, max(high - low, 1e-9), VoiFunction.LINEAR_EXACT)


def windowed(real: NDArray[Any], window: VoiWindow) -> NDArray[Any]:
    """Return 0 to 1 for each value, by the functions of PS3.3 C.11.2.1.2 and C.11.2.1.3."""
    center, width = window.center, window.width
    real = np.nan_to_num(real)
    if window.function is VoiFunction.SIGMOID:
        with np.errstate(over="ignore"):
            return 1.0 / (1.0 + np.exp(-4.0 * (real - center) / width))
    if window.function is VoiFunction.LINEAR:
        center, width = center - 0.5, width - 1.0
    if width <= 0:
        return (real > center).astype(np.float32)
    return np.clip((real - center) / width + 0.5, 0.0, 1.0)
