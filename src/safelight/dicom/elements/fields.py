"""How is one data element announced? (PS3.5 section 7.1)

Its tag, how its value is to be read, where that starts and how long it says it is.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple

from safelight.dicom.elements import vrs
from safelight.dicom.reasons import Reason, UnreadableError

if TYPE_CHECKING:
    from safelight.dicom.elements.element import Element

UNDEFINED: Final = 0xFFFFFFFF
"""A length that says: until the delimiter."""

HEADER: Final = 8
LONG_HEADER: Final = 12

EXPLICIT: Final = (Struct(">HH2sH").unpack_from, Struct("<HH2sH").unpack_from)
"""Reads group, element, VR and a 16-bit length, by whether it is little endian."""

IMPLICIT: Final = (Struct(">HHI").unpack_from, Struct("<HHI").unpack_from)
"""Reads group, element and a 32-bit length; items and delimiters look like this too."""

LENGTH: Final = (Struct(">I").unpack_from, Struct("<I").unpack_from)


class Scope(NamedTuple):
    """The data set being walked: where it must end at the latest, and how it is encoded.

    `delimited`: it ends with a delimiter rather than at `end`.
    """

    end: int
    explicit: bool
    little_endian: bool
    depth: int = 0
    delimited: bool = False


class Field(NamedTuple):
    """The header of one element.

    `guessed`: the file said "UN" and the dictionary knew better.
    """

    tag: int
    vr: str
    start: int
    length: int
    guessed: bool = False


def looks_explicit(code: bytes) -> bool:
    """Say whether two bytes could be a VR: two capital letters."""
    return code.isalpha() and code.isupper()


def explicit_field(
    header: bytes, position: int, elements: dict[int, Element], *, little_endian: bool
) -> Field:
    """Read the header of an element in an explicit data set.

    `header` is at least 8 and up to 12 bytes at `position`; `elements` is the data
    set so far, in which private creators are looked up.

    Raises:
        UnreadableError: the header is cut off.
    """
    group, number, code, length = EXPLICIT[little_endian](header)
    tag, start = group << 16 | number, position + HEADER
    vr = vrs.SHORT_FORM.get(code)
    if vr is not None:
        return Field(tag, vr, start, length)
    vr = vrs.LONG_FORM.get(code)
    if vr is None:
        if looks_explicit(code):  # a VR of the future, or nonsense: two bytes of length
            return Field(tag, vrs.UNKNOWN, start, length)
        # Some writers slip into the implicit encoding; pydicom forgives them as well.
        (length,) = LENGTH[little_endian](header, 4)
        return Field(tag, vrs.implicit_vr(tag, elements), start, length)
    if len(header) < LONG_HEADER:
        raise UnreadableError(Reason.TRUNCATED)
    (length,) = LENGTH[little_endian](header, HEADER)
    start = position + LONG_HEADER
    if vr == vrs.UNKNOWN and length != UNDEFINED:
        known = vrs.replaced_unknown(tag, length, elements)
        return Field(tag, known, start, length, guessed=True)
    return Field(tag, vr, start, length)
