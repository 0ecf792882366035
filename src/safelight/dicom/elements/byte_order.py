"""Which values change with the byte order, and how? (PS3.5 section 7.3)"""

from __future__ import annotations

from array import array
from typing import Final

WIDTHS: Final = {
    **dict.fromkeys(("AT", "OW", "SS", "US"), "H"),
    **dict.fromkeys(("FL", "OF", "OL", "SL", "UL"), "I"),
    **dict.fromkeys(("FD", "OD", "OV", "SV", "UV"), "Q"),
}
"""VRs made of words whose bytes change places, and the array type as wide as one."""


def in_other_order(value: bytes, vr: str) -> bytes:
    """Return the value with the bytes of each word turned; a rest that fills none is dropped."""
    width = WIDTHS.get(vr)
    if width is None:
        return value
    size = array(width).itemsize
    words = array(width, value[: len(value) // size * size])
    words.byteswap()
    return words.tobytes()
