"""What may stay of the attributes that the profile's table does not speak of?

The table lists what the Standard knows to identify people. A file may hold anything in
any place, so beyond it only that stays which cannot hold a name: numbers that are
numbers, codes that are codes, and a few words that makers of devices write.
"""

from __future__ import annotations

import re
from typing import Final

from safelight.dicom.registry.dictionary import tag_of


def _tags(*keywords: str) -> frozenset[int]:
    return frozenset(tag for keyword in keywords if (tag := tag_of(keyword)) is not None)


BINARY: Final = frozenset({"AT", "FD", "FL", "SL", "SS", "SV", "UL", "US", "UV"})
"""VRs of plain numbers."""

_LONGEST_NUMBERS: Final = 1 << 20
_WORDS: Final = _tags(
    "Manufacturer", "ManufacturerModelName", "SoftwareVersions", "SequenceName",
    "ConvolutionKernel", "FilterType", "RescaleType", "ModalityLUTType",
)  # fmt: skip
_BULK: Final = _tags(
    "RedPaletteColorLookupTableData", "GreenPaletteColorLookupTableData",
    "BluePaletteColorLookupTableData", "AlphaPaletteColorLookupTableData",
    "SegmentedRedPaletteColorLookupTableData", "SegmentedGreenPaletteColorLookupTableData",
    "SegmentedBluePaletteColorLookupTableData", "LUTData",
)  # fmt: skip
NEEDS_A_WORD: Final = _tags("SegmentLabel", "SegmentAlgorithmName")
"""What must not be empty where it is there, and may hold anything."""

CODES: Final = _tags(
    "CodeValue", "CodingSchemeDesignator", "CodingSchemeVersion", "CodeMeaning",
    "LongCodeValue", "URNCodeValue",
)  # fmt: skip
"""The words of a coded concept: they stay where the scheme is a public one."""

PUBLIC_SCHEMES: Final = frozenset(
    {b"DCM", b"SCT", b"SRT", b"SNM3", b"LN", b"UCUM", b"UMLS", b"FMA", b"MSH", b"NCIt", b"RADLEX"}
)
"""Designators of coding schemes that nobody can put a patient into (PS3.16 section 8)."""

_CODE_STRING: Final = re.compile(rb"[A-Z0-9_ ]{0,16}(?:\\[A-Z0-9_ ]{0,16})*")
_DECIMAL: Final = rb" *[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)? *"
_DECIMALS: Final = re.compile(rb"(?:%b)?(?:\\(?:%b)?)*" % (_DECIMAL, _DECIMAL))
_PRINTABLE: Final = re.compile(rb"[ -~]{0,64}")
_TEXT: Final = frozenset({"AE", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"})


def can_stay(tag: int, vr: str, value: bytes | None, length: int) -> bool:
    """Say whether an attribute outside the table may stay as it is.

    `value` is None where it is too long to be held.
    """
    if vr in BINARY or vr in {"OB", "OF", "OW"}:
        return length <= _LONGEST_NUMBERS and (vr in BINARY or tag in _BULK)
    if value is None:
        return False
    plain = value.rstrip(b" \0")
    if vr == "CS":
        return _CODE_STRING.fullmatch(plain) is not None
    if vr in {"DS", "IS"}:
        return _DECIMALS.fullmatch(plain) is not None
    return tag in _WORDS and vr in _TEXT and _PRINTABLE.fullmatch(plain) is not None


def is_text(vr: str) -> bool:
    """Say whether a VR is one of words, which are emptied rather than removed."""
    return vr in _TEXT
