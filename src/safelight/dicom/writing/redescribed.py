"""Which attributes change when pixels take another form? (PS3.3 C.7.6.3, C.7.6.1.1.5)"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Final

from safelight.dicom.registry import tags
from safelight.dicom.registry import transfer_syntaxes as syntax

if TYPE_CHECKING:
    from safelight.dicom.pixels.layout import PixelModule
    from safelight.dicom.reading.header import Header
    from safelight.dicom.writing.rewriting import Encoding

_METHODS: Final = {
    syntax.JPEG_BASELINE: "ISO_10918_1",
    syntax.JPEG_EXTENDED: "ISO_10918_1",
    syntax.JPEG_LS_NEAR_LOSSLESS: "ISO_14495_1",
    syntax.JPEG_2000: "ISO_15444_1",
    syntax.HTJ2K: "ISO_15444_15",
}
"""What lossy compression leaves behind, by the syntax it was stored in."""

_LOSSY: Final = "01"
_NOT_ALWAYS: Final = frozenset({syntax.JPEG_2000, syntax.HTJ2K})


def redescribed(header: Header, made: PixelModule, encoding: Encoding) -> list[tuple[int, bytes]]:
    """Return the elements that replace their like, in tag order, encoded.

    `made` describes a frame as it now is.
    """
    found: list[tuple[int, str, str | int]] = [
        (tags.PHOTOMETRIC_INTERPRETATION, "CS", made.photometric),
        (tags.BITS_ALLOCATED, "US", made.bits_allocated),
        (tags.BITS_STORED, "US", made.bits_stored),
        (tags.HIGH_BIT, "US", made.high_bit),
    ]
    if made.samples > 1:
        found.append((tags.PLANAR_CONFIGURATION, "US", 0))
    method = _METHODS.get(header.transfer_syntax)
    stated = header.text(tags.LOSSY_IMAGE_COMPRESSION)
    if method and stated != _LOSSY and not (stated and header.transfer_syntax in _NOT_ALWAYS):
        # The syntax that said so is gone: the attributes have to.
        found.append((tags.LOSSY_IMAGE_COMPRESSION, "CS", _LOSSY))
        found.append((tags.LOSSY_IMAGE_COMPRESSION_RATIO, "DS", _ratio(header, made)))
        found.append((tags.LOSSY_IMAGE_COMPRESSION_METHOD, "CS", method))
    return [(tag, _written(tag, vr, value, encoding)) for tag, vr, value in sorted(found)]


def _ratio(header: Header, made: PixelModule) -> str:
    pixels = header.pixels
    stored = sum(piece.length for piece in pixels.fragments[1:]) if pixels else 0
    frames = header.integer(tags.NUMBER_OF_FRAMES) or 1
    return f"{made.decoded_bytes * frames / max(stored, 1):.2f}"


def _written(tag: int, vr: str, value: str | int, encoding: Encoding) -> bytes:
    if isinstance(value, int):
        data = Struct("<H" if encoding.little_endian else ">H").pack(value)
    else:
        text = value.encode("ascii")
        data = text + b" " * (len(text) % 2)
    return encoding.head(tag, vr, len(data)) + data
