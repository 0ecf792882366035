"""Which value representation does a data element have?

In explicit encodings the file says; in implicit ones the dictionary does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from safelight.dicom.registry.dictionary import REPEATING, VRS, private_vrs
from safelight.dicom.registry.tags import is_private

if TYPE_CHECKING:
    from safelight.dicom.elements.element import Element

DELIMITERS: Final = 0xFFFE
"""The group of items and their delimiters, which have no VR."""

UNKNOWN: Final = "UN"
SEQUENCE: Final = "SQ"

_SHORT: Final = (
    *("AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO"),
    *("LT", "PN", "SH", "SL", "SS", "ST", "TM", "UI", "UL", "US"),
)
_LONG: Final = ("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV")

SHORT_FORM: Final = {code.encode(): code for code in _SHORT}
"""Explicit VRs whose length is 16 bits (PS3.5 Table 7.1-2)."""

LONG_FORM: Final = {code.encode(): code for code in _LONG}
"""Explicit VRs with two reserved bytes and a length of 32 bits (PS3.5 Table 7.1-1)."""

FRAGMENTED: Final = frozenset({"OB", "OW", "OB or OW", "UN"})
"""VRs that may hold encapsulated fragments (PS3.5 section A.4)."""

PUBLIC: Final[dict[int, str]] = {tag: vr for tag, vr in VRS.items() if tag >> 16 != DELIMITERS}
"""The VR of each tag in PS3.6 but the delimiters; a few are ambiguous, such as "US or SS"."""

PLAIN: Final = {tag: vr for tag, vr in PUBLIC.items() if tag and vr != SEQUENCE}
"""The same without the sequences, and without tag 0, which padding looks like."""

_LONGEST_REPLACED: Final = 0xFFFF
_CREATORS: Final = range(0x10, 0x100)


def _repeaters() -> tuple[tuple[int, dict[int, str]], ...]:
    masks: dict[int, dict[int, str]] = {}
    for pattern, vr in REPEATING.items():
        mask = int("".join("0" if digit == "x" else "F" for digit in pattern), 16)
        masks.setdefault(mask, {})[int(pattern.replace("x", "0"), 16)] = vr
    return tuple(masks.items())


_REPEATERS: Final = _repeaters()


def dictionary_vr(tag: int) -> str | None:
    """Return the VR of a public tag, repeating groups included, or None."""
    vr = PUBLIC.get(tag)
    if vr is not None or is_private(tag):
        return vr
    for mask, known in _REPEATERS:
        vr = known.get(tag & mask)
        if vr is not None:
            return vr
    return None


def private_vr(tag: int, elements: dict[int, Element]) -> str:
    """Return the VR of a private tag as far as its creator is known, else "UN".

    `elements` is the data set the tag stands in, read so far: a creator comes
    before its elements (PS3.5 section 7.8.1).
    """
    number = tag & 0xFFFF
    if number in _CREATORS:
        return "LO"
    creator = elements.get((tag & 0xFFFF0000) | (number >> 8))
    if number < _CREATORS.start << 8 or creator is None or not creator.value:
        return UNKNOWN
    name = creator.value.decode("latin-1").rstrip("\0 ")
    known = private_vrs(name)
    group, last = f"{tag >> 16:04X}", f"{number & 0xFF:02X}"
    for key in (f"{group}{number:04X}", f"{group}xx{last}", f"{group[:2]}xxxx{last}"):
        if key in known:
            return known[key]
    return UNKNOWN


def implicit_vr(tag: int, elements: dict[int, Element]) -> str:
    """Return the VR of an element whose encoding does not say it."""
    if is_private(tag):
        return private_vr(tag, elements)
    vr = dictionary_vr(tag)
    if vr is not None:
        return vr
    return "UL" if not tag & 0xFFFF else UNKNOWN


def replaced_unknown(tag: int, length: int, elements: dict[int, Element]) -> str:
    """Return what an explicit "UN" should have been, where that is known.

    A public element longer than 16 bits can count stays "UN": that is the one
    proper use of it for a known tag (PS3.5 section 6.2.2, note 4).
    """
    if is_private(tag):
        return private_vr(tag, elements)
    if length < _LONGEST_REPLACED:
        return dictionary_vr(tag) or UNKNOWN
    return UNKNOWN
