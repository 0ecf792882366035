"""May an object of this kind be in a copy that does not say whose it is?

Cleaning a header does not clean what is drawn into the picture. Kinds that often hold
burned-in words are for a person to look at first; documents and reports are words
throughout and are never in it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from safelight.dicom.registry import tags
from safelight.dicom.registry import transfer_syntaxes as syntax

if TYPE_CHECKING:
    from safelight.dicom.reading.header import Header


class Fitness(StrEnum):
    """Whether an object goes into a copy."""

    FIT = "fit"
    LOOK_FIRST = "look-first"
    NEVER = "never"


KEY_OBJECTS: Final = "1.2.840.10008.5.1.4.1.1.88.59"

_ROOT: Final = "1.2.840.10008.5.1.4.1.1."
_SELDOM_WRITTEN_ON: Final = frozenset(
    _ROOT + each
    for each in (
        "1", "1.1", "1.1.1", "1.2", "1.2.1", "1.3", "1.3.1",  # radiographs
        "2", "2.1", "2.2", "4", "4.1", "4.4", "20", "30",  # slices
        "128", "128.1", "130", "13.1.1", "13.1.2", "13.1.3", "13.1.4", "13.1.5",
        "66.4", "481.2",
    )
)  # fmt: skip
_WITHOUT_PICTURES: Final = frozenset(
    _ROOT + each
    for each in (
        "11.1", "11.2", "11.3", "11.4", "11.5", "11.8", "11.12", "66.1", "66.3", "67", "481.3",
        "88.59",
    )
)  # fmt: skip
_OTHER_PICTURES: Final = tuple(
    _ROOT + each
    for each in ("3.", "4.3", "6.", "7", "12.", "14.", "77.1.", "481.1", "481.23", "501.1")
)
_VIDEO: Final = frozenset(_ROOT + each for each in ("77.1.1.1", "77.1.2.1", "77.1.4.1"))
_SYNTAXES: Final = frozenset(
    {
        syntax.JPEG_BASELINE, syntax.JPEG_EXTENDED, syntax.JPEG_LOSSLESS,
        syntax.JPEG_LOSSLESS_SV1, syntax.JPEG_LS_LOSSLESS, syntax.JPEG_LS_NEAR_LOSSLESS,
        syntax.JPEG_2000_LOSSLESS, syntax.JPEG_2000, syntax.HTJ2K_LOSSLESS,
        syntax.HTJ2K_LOSSLESS_RPCL, syntax.HTJ2K, syntax.RLE_LOSSLESS,
    }
)  # fmt: skip
_BURNED_IN: Final = 0x00280301
_CONVERSION_TYPE: Final = 0x00080064
_OVERLAYS: Final = 0xFF00FFFF
_OVERLAY_BIT: Final = 0x60000102
_TELLTALE: Final = ("SCREEN", "CAPTURE", "REPORT", "RESULT", "TABLE", "PROTOCOL", "DOSE")


def fitness(header: Header) -> Fitness:
    """Say whether an object can be in a copy, by what its header says it is."""
    kind, pixels = header.sop_class_uid, header.pixels
    if pixels is None:
        return Fitness.FIT if kind in _WITHOUT_PICTURES else Fitness.NEVER
    if not _can_be_cleaned(header) or kind in _VIDEO:
        return Fitness.NEVER
    if kind in _SELDOM_WRITTEN_ON:
        return Fitness.LOOK_FIRST if _may_be_written_on(header) else Fitness.FIT
    return Fitness.LOOK_FIRST if kind.startswith(_OTHER_PICTURES) else Fitness.NEVER


def _can_be_cleaned(header: Header) -> bool:
    """Say whether nothing is hidden in the pixels that is not part of the picture."""
    pixels, known = header.pixels, syntax.transfer_syntax(header.transfer_syntax)
    if pixels is None or pixels.encapsulated != known.encapsulated:
        return False
    in_the_pixels = any(
        tag & _OVERLAYS == _OVERLAY_BIT and header.integer(tag) for tag in header.elements
    )
    return not in_the_pixels and (not known.encapsulated or known.uid in _SYNTAXES)


def _may_be_written_on(header: Header) -> bool:
    said = " ".join(header.texts(tags.IMAGE_TYPE)).upper()
    return (
        header.text(_BURNED_IN) not in {"", "NO"}
        or bool(header.text(_CONVERSION_TYPE))
        or (header.integer(tags.SAMPLES_PER_PIXEL) or 1) > 1
        or any(word in said for word in _TELLTALE)
    )
