"""Which VR does an element have when the dictionary leaves a choice? (PS3.5 annex A)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from safelight.dicom.elements.values import numbers
from safelight.dicom.registry import tags

if TYPE_CHECKING:
    from safelight.dicom.elements.element import Element, Item

_BYTE: Final = 8
_ONE_ENTRY: Final = 1


def resolved_vr(tag: int, element: Element, item: Item, *, signed: bool | None) -> str:
    """Return the one VR for an element whose dictionary entry names several.

    `signed` is the Pixel Representation of the nearest data set that has one.
    """
    choices = element.vr
    if choices == "US or SS":
        return "SS" if signed else "US"
    if choices == "US or OW" and tag == tags.LUT_DATA:
        return "US" if _first(item, tags.LUT_DESCRIPTOR) == _ONE_ENTRY else "OW"
    if choices == "OB or OW" and item.explicit:
        return _by_width(tag, item)
    return "OW"


def _by_width(tag: int, item: Item) -> str:
    """Return OB or OW for an explicit data set that wrote "UN" (PS3.5 section A.2)."""
    group = tag >> 16
    if tag == tags.PIXEL_DATA:
        bits = _first(item, tags.BITS_ALLOCATED)
    elif group == 0x5400:  # noqa: PLR2004  (the waveform group)
        bits = _first(item, tags.WAVEFORM_BITS_ALLOCATED)
    else:
        return "OW"
    return "OB" if bits is not None and bits <= _BYTE else "OW"


def _first(item: Item, tag: int) -> int | None:
    element = item.elements.get(tag)
    if element is None or not element.value:
        return None
    found = numbers(element.value[:2], "US", little_endian=item.little_endian)
    return int(found[0]) if found else None
