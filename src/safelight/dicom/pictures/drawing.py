"""How do drawings come onto a picture?

For the cage only: their bits come from untrusted files.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from safelight.dicom.pictures.decoding import stored_values
from safelight.dicom.registry import transfer_syntaxes as syntax

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from safelight.dicom.pixels.layout import PixelModule
    from safelight.dicom.pixels.overlays import Overlay

_WHITE: Final = 255


def drawn_over(
    picture: NDArray[np.uint8],
    overlays: Sequence[Overlay],
    frame: bytes,
    pixels: PixelModule,
    transfer_syntax: str,
) -> NDArray[np.uint8]:
    """Return a picture of a whole frame with drawings over it, in white.

    Those in bits of the pixels show where the frame is native or RLE: other codecs do
    not carry them.
    """
    made = picture.copy()
    for overlay in overlays:
        if overlay.plane is None:
            places = _unpacked(overlay)
        elif _keeps_all_bits(transfer_syntax):
            places = _plane(frame, pixels, transfer_syntax, overlay.plane)
        else:
            continue
        top, left = max(overlay.top, 0), max(overlay.left, 0)
        inside = places[top - overlay.top :, left - overlay.left :]
        part = made[top : top + inside.shape[0], left : left + inside.shape[1]]
        part[inside[: part.shape[0], : part.shape[1]]] = _WHITE
    return made


def _unpacked(overlay: Overlay) -> NDArray[np.bool_]:
    end = overlay.skipped + overlay.rows * overlay.columns
    bits = np.unpackbits(np.frombuffer(overlay.bits, np.uint8), count=end, bitorder="little")
    return bits[overlay.skipped :].reshape(overlay.rows, overlay.columns).astype(bool)


def _keeps_all_bits(transfer_syntax: str) -> bool:
    known = syntax.transfer_syntax(transfer_syntax)
    return not known.encapsulated or transfer_syntax == syntax.RLE_LOSSLESS


def _plane(frame: bytes, pixels: PixelModule, transfer_syntax: str, bit: int) -> NDArray[np.bool_]:
    bits = pixels.bits_allocated
    every = replace(pixels, bits_stored=bits, high_bit=bits - 1, signed=False)
    values: NDArray[Any] = stored_values(frame, every, transfer_syntax)
    return (values >> bit & 1).astype(bool)
