"""What values does a frame hold, in whatever transfer syntax it came?

For the cage only: compressed frames go through native codecs, which a hostile
frame may crash.
"""

from __future__ import annotations

import warnings
import zlib
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import get_decoder

from safelight.dicom.pictures.jpeg_extended import twelve_bits
from safelight.dicom.pictures.native import aligned, native_frame
from safelight.dicom.pixels.layout import RGB, DecodedFrame, PixelModule
from safelight.dicom.reasons import Reason, UnreadableError
from safelight.dicom.registry import transfer_syntaxes as syntax

_PLUGINS: Final = {
    syntax.JPEG_BASELINE: ("pillow", "gdcm"),
    syntax.JPEG_EXTENDED: ("gdcm", "pillow"),
    syntax.JPEG_LOSSLESS: ("gdcm",),
    syntax.JPEG_LOSSLESS_SV1: ("gdcm",),
    syntax.JPEG_LS_LOSSLESS: ("pyjpegls", "gdcm"),
    syntax.JPEG_LS_NEAR_LOSSLESS: ("pyjpegls", "gdcm"),
    syntax.JPEG_2000_LOSSLESS: ("pylibjpeg", "gdcm"),
    syntax.JPEG_2000: ("pylibjpeg", "gdcm"),
    syntax.HTJ2K_LOSSLESS: ("pylibjpeg",),
    syntax.HTJ2K_LOSSLESS_RPCL: ("pylibjpeg",),
    syntax.HTJ2K: ("pylibjpeg",),
    syntax.RLE_LOSSLESS: ("pylibjpeg", "pydicom"),
}
"""The codecs to try for each compressed syntax, the faster or more exact one first."""

_JPEG_LS: Final = frozenset({syntax.JPEG_LS_LOSSLESS, syntax.JPEG_LS_NEAR_LOSSLESS})
_START_OF_SCAN: Final = b"\xff\xda"
_END_OF_IMAGE: Final = b"\xff\xd9"
_BYTE: Final = 8


def stored_values(frame: bytes, pixels: PixelModule, transfer_syntax: str) -> NDArray[Any]:
    """Return (rows, columns) stored values, or (rows, columns, 3) in RGB.

    Raises:
        UnreadableError: `bad-pixels` when the frame cannot be decoded or is not
            what its description says, `pixels-too-short` when it is cut off.
    """
    if not syntax.transfer_syntax(transfer_syntax).encapsulated:
        return native_frame(frame, pixels, transfer_syntax)
    if transfer_syntax == syntax.ENCAPSULATED_PLAIN:
        return native_frame(frame, pixels, syntax.EXPLICIT_LITTLE)
    if transfer_syntax == syntax.DEFLATED_FRAME:
        return native_frame(_inflated(frame, pixels.native_bytes), pixels, syntax.EXPLICIT_LITTLE)
    if transfer_syntax == syntax.JPEG_EXTENDED and pixels.bits_stored > _BYTE:
        return twelve_bits(frame, pixels)
    if transfer_syntax in _JPEG_LS and not _has_end(frame):
        raise UnreadableError(Reason.PIXELS_TOO_SHORT)
    for plugin in _PLUGINS.get(transfer_syntax, ()):
        try:
            values = _decompressed(frame, pixels, transfer_syntax, plugin)
        except (MemoryError, KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # noqa: BLE001, S112 - Rust panics are no Exceptions; try the next
            continue
        return values
    raise UnreadableError(Reason.BAD_PIXELS)


def _has_end(frame: bytes) -> bool:
    """Say whether a JPEG-LS image ends: CharLS looks for ever for an end that is cut off.

    Within a scan no byte of 0x80 or more follows 0xFF (ISO/IEC 14495-1 section 9.1).
    """
    return frame.find(_END_OF_IMAGE, max(0, frame.rfind(_START_OF_SCAN))) >= 0


def _inflated(frame: bytes, size: int) -> bytes:
    """Return up to `size` bytes of a deflated frame, whatever more it holds."""
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(frame, size)
    except zlib.error as error:
        raise UnreadableError(Reason.BAD_PIXELS) from error


def told(pixels: PixelModule) -> dict[str, Any]:
    """Return what pydicom's plugins are told of one frame."""
    return {
        "rows": pixels.rows,
        "columns": pixels.columns,
        "number_of_frames": 1,
        "samples_per_pixel": pixels.samples,
        "bits_allocated": pixels.bits_allocated,
        "bits_stored": pixels.bits_stored,
        "pixel_representation": int(pixels.signed),
        "photometric_interpretation": pixels.photometric,
    }


def _decompressed(
    frame: bytes, pixels: PixelModule, transfer_syntax: str, plugin: str
) -> NDArray[Any]:
    rle = transfer_syntax == syntax.RLE_LOSSLESS
    options = told(pixels) | {"pixel_keyword": "PixelData"}
    if pixels.samples > 1:
        options["planar_configuration"] = pixels.planar
    if rle:
        options["correct_unused_bits"] = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values, described = get_decoder(transfer_syntax).as_array(
            encapsulate([frame], has_bot=False), index=0, decoding_plugin=plugin, **options
        )
    shape = (pixels.rows, pixels.columns, 3)[: 3 if pixels.samples > 1 else 2]
    if values.shape != shape or (
        pixels.samples > 1 and described["photometric_interpretation"] != RGB
    ):
        raise UnreadableError(Reason.BAD_PIXELS)
    return aligned(values, pixels, high_bit=pixels.high_bit) if rle else np.asarray(values)


def decode(frame: bytes, pixels: PixelModule, transfer_syntax: str) -> DecodedFrame:
    """Return the frame in native little endian form, colour by pixel and in RGB."""
    values = stored_values(frame, pixels, transfer_syntax)
    little = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    bits = little.dtype.itemsize * 8
    stored = 1 if pixels.bits_allocated == 1 else min(pixels.bits_stored, bits)
    described = replace(
        pixels,
        photometric=RGB if pixels.samples > 1 else pixels.photometric,
        planar=0,
        frames=1,
        number=1,
        words=False,
        bits_allocated=bits,
        bits_stored=stored if not pixels.floating else bits,
        high_bit=(stored if not pixels.floating else bits) - 1,
    )
    return DecodedFrame(described, little.tobytes())
