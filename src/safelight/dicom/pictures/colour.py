"""How does a colour of the Standard become red, green and blue? (PS3.3 C.7.6.3.1)

For the cage only.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from safelight.dicom.pixels.lookup import LookupTable
from safelight.dicom.reasons import Reason, UnreadableError

_BYTE: Final = 8
_WORD_BYTES: Final = 2
_FROM_YBR: Final = np.array(
    [[1.0, 1.0, 1.0], [0.0, -0.344136, 1.772], [1.402, -0.714136, 0.0]], dtype=np.float32
)


def from_ybr_full(samples: NDArray[Any], bits: int) -> NDArray[Any]:
    """Return RGB of the same depth from full-range Y Cb Cr (ITU-R BT.601)."""
    most = (1 << bits) - 1
    offset = np.array([0, 1 << (bits - 1), 1 << (bits - 1)], dtype=np.float32)
    rgb = (samples.astype(np.float32) - offset) @ _FROM_YBR
    return np.clip(np.rint(rgb), 0, most).astype(samples.dtype)


def from_palette(indices: NDArray[Any], palette: tuple[LookupTable, ...]) -> NDArray[np.uint8]:
    """Return eight-bit RGB; an index beyond a table takes its nearest entry (C.7.6.3.1.5).

    Raises:
        UnreadableError: the image came without its palette.
    """
    if not palette or indices.dtype.itemsize > _WORD_BYTES:
        raise UnreadableError(Reason.BAD_PIXELS)
    least, most = int(indices.min()), int(indices.max())
    colours = np.empty((most - least + 1, 3), dtype=np.uint8)
    for channel, table in enumerate(palette):
        entries = np.frombuffer(table.entries, dtype="<u2")
        at = np.clip(np.arange(least, most + 1) - table.first, 0, len(entries) - 1)
        colours[:, channel] = to_bytes(entries, table.bits)[at]
    return np.take(colours, indices if least == 0 else indices.astype(np.int32) - least, axis=0)


def to_bytes(values: NDArray[Any], bits: int) -> NDArray[np.uint8]:
    """Return unsigned values of `bits` bits as bytes."""
    scaled: NDArray[Any]
    if bits >= _BYTE:
        scaled = values >> (bits - _BYTE)
    else:
        scaled = values.astype(np.uint32) * 255 // ((1 << bits) - 1)
    return np.asarray(np.clip(scaled, 0, 255), dtype=np.uint8)
