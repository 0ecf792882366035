"""What values does an uncompressed frame hold? (PS3.5 section 8, PS3.3 C.7.6.3)

For the cage only: every array here has a size that `PixelModule` has checked.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from safelight.dicom.pictures.colour import from_ybr_full
from safelight.dicom.pixels.layout import RGB, YBR_FULL, YBR_FULL_422, PixelModule
from safelight.dicom.reasons import Reason, UnreadableError
from safelight.dicom.registry.transfer_syntaxes import EXPLICIT_BIG

Array = NDArray[Any]

_BYTE: Final = 8
_WORD: Final = 16
_PAIR: Final = 4  # two pixels of YBR_FULL_422 take Y Y Cb Cr


def native_frame(frame: bytes, pixels: PixelModule, transfer_syntax: str) -> Array:
    """Return (rows, columns) stored values, or (rows, columns, 3) in RGB.

    Raises:
        UnreadableError: the frame is too short, or its colour is not for native use.
    """
    if len(frame) < pixels.native_bytes:
        raise UnreadableError(Reason.PIXELS_TOO_SHORT)
    big = transfer_syntax == EXPLICIT_BIG
    before = (pixels.number - 1) * pixels.native_bits
    if big and pixels.bits_allocated <= _BYTE and pixels.words:
        frame = _swapped(frame)[before % _WORD // _BYTE :]
    if pixels.bits_allocated == 1:
        return _single_bits(frame, pixels, skipped=before % _BYTE)
    values = np.frombuffer(frame, dtype=_dtype(pixels, big=big))
    if big:
        values = values.astype(values.dtype.newbyteorder("="))
    if pixels.samples == 1:
        values = values[: pixels.rows * pixels.columns].reshape(pixels.rows, pixels.columns)
        return aligned(values, pixels, high_bit=pixels.high_bit)
    return _colour(values, pixels)


def aligned(values: Array, pixels: PixelModule, *, high_bit: int) -> Array:
    """Return the values with the bits that are not stored cleared, or the sign extended."""
    if pixels.floating or pixels.bits_stored == pixels.bits_allocated:
        return values
    up = pixels.bits_allocated - 1 - high_bit
    moved: Array = values << up
    moved >>= pixels.bits_allocated - pixels.bits_stored
    return moved


def _dtype(pixels: PixelModule, *, big: bool) -> np.dtype[Any]:
    kind = "f" if pixels.floating else "i" if pixels.signed else "u"
    return np.dtype(f"{'>' if big else '<'}{kind}{pixels.bits_allocated // _BYTE}")


def _single_bits(frame: bytes, pixels: PixelModule, *, skipped: int) -> Array:
    if pixels.samples != 1:
        raise UnreadableError(Reason.BAD_PIXELS)
    end = skipped + pixels.rows * pixels.columns
    if len(frame) * _BYTE < end:
        raise UnreadableError(Reason.PIXELS_TOO_SHORT)
    bits = np.unpackbits(np.frombuffer(frame, np.uint8), count=end, bitorder="little")
    return bits[skipped:].reshape(pixels.rows, pixels.columns)


def _swapped(frame: bytes) -> bytes:
    even = frame if len(frame) % 2 == 0 else frame + b"\0"
    return np.frombuffer(even, dtype="<u2").byteswap().tobytes()


def _colour(values: Array, pixels: PixelModule) -> Array:
    rows, columns = pixels.rows, pixels.columns
    is_full = values.size >= rows * columns * 3  # subsampled in name only
    if pixels.photometric == YBR_FULL_422 and not is_full:
        return from_ybr_full(_full_width(values, rows, columns), pixels.bits_stored)
    values = values[: rows * columns * 3]
    if pixels.planar:
        samples = np.ascontiguousarray(np.moveaxis(values.reshape(3, rows, columns), 0, -1))
    else:
        samples = values.reshape(rows, columns, 3)
    if pixels.photometric in {YBR_FULL, YBR_FULL_422}:
        return from_ybr_full(samples, pixels.bits_stored)
    if pixels.photometric != RGB:
        raise UnreadableError(Reason.BAD_PIXELS)
    return samples


def _full_width(values: Array, rows: int, columns: int) -> Array:
    """Return Y Cb Cr for every pixel, from pairs that share Cb and Cr (C.7.6.3.1.2)."""
    width = columns + columns % 2
    pairs = values[: rows * width * 2].reshape(rows, width // 2, _PAIR)
    full = np.empty((rows, width, 3), dtype=values.dtype)
    full[:, 0::2, 0] = pairs[..., 0]
    full[:, 1::2, 0] = pairs[..., 1]
    full[:, :, 1] = np.repeat(pairs[..., 2], 2, axis=1)
    full[:, :, 2] = np.repeat(pairs[..., 3], 2, axis=1)
    return full[:, :columns]
