"""What does the value of a data element mean? (PS3.5 section 6.2)

From bytes to the Python values of the DICOM JSON model (PS3.18 section F.2.3).
Nothing here raises on bytes: a number that is none stays text, and a binary
value of the wrong length says so by returning None.
"""

from __future__ import annotations

import struct
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from safelight.dicom.elements.charsets import Charset
    from safelight.dicom.elements.element import Element

_PADDING: Final = "\0 "
_LARGEST_INTEGER: Final = 1 << 63
_NUMBERS: Final = {
    "US": "H",
    "SS": "h",
    "UL": "I",
    "SL": "i",
    "UV": "Q",
    "SV": "q",
    "FL": "f",
    "FD": "d",
    "US or SS": "H",
    "US or OW": "H",
    "US or SS or OW": "H",
}
_FLOATS: Final = frozenset({"FL", "FD"})
NUMERIC: Final = frozenset(_NUMBERS)
"""VRs whose values are fixed-width numbers."""


_ONE: Final = {
    (vr, little): struct.Struct(("<" if little else ">") + letter)
    for vr, letter in _NUMBERS.items()
    for little in (False, True)
}


def numbers(value: bytes, vr: str, *, little_endian: bool) -> list[Any] | None:
    """Return the fixed-width numbers in a value, None if its length does not fit them.

    A number that is not finite becomes None, since JSON has no word for it.
    """
    one = _ONE[vr, little_endian]
    if len(value) == one.size:
        found = one.unpack(value)
    elif len(value) % one.size:
        return None
    else:
        found = tuple(number for (number,) in one.iter_unpack(value))
    if vr in _FLOATS:
        return [number if isfinite(number) else None for number in found]
    return list(found)


def attribute_tags(value: bytes, *, little_endian: bool) -> list[str]:
    """Return the tags in an AT value as eight hex digits; a rest of 1-3 bytes is dropped."""
    count = len(value) // 4 * 2
    words = struct.unpack_from(f"{'<' if little_endian else '>'}{count}H", value)
    return [f"{words[at]:04X}{words[at + 1]:04X}" for at in range(0, count, 2)]


def decimal(text: str) -> float | str | None:
    """Return a DS value as a number; as text if it is none, None if it is blank."""
    try:
        number = float(text)
    except ValueError:
        return text.strip() or None
    return number if isfinite(number) else text.strip()


def integer(text: str) -> int | str | None:
    """Return an IS value as an integer; as text if it is none, None if it is blank."""
    try:
        number = int(text)
    except ValueError:
        return _whole(text)
    return number if -_LARGEST_INTEGER <= number < _LARGEST_INTEGER else text.strip()


def _whole(text: str) -> int | str | None:
    number = decimal(text)
    if isinstance(number, float) and number.is_integer() and abs(number) < _LARGEST_INTEGER:
        return int(number)
    return text.strip() or None


def _plain(value: bytes) -> str:
    return value.decode("ascii", "replace")


def _split(value: bytes, _: Charset) -> list[str]:
    return _plain(value).rstrip(" \0").split("\\")


def _titles(value: bytes, _: Charset) -> list[str]:
    return [part.strip() for part in _plain(value).split("\\")]


def _uids(value: bytes, _: Charset) -> list[str]:
    return [part.strip() for part in _plain(value).rstrip(_PADDING).split("\\")]


def _address(value: bytes, _: Charset) -> list[str]:
    return [_plain(value).rstrip()]


def _texts(value: bytes, charset: Charset) -> list[str]:
    return [part.rstrip(_PADDING) for part in charset.decode(value).split("\\")]


def _paragraph(value: bytes, charset: Charset) -> list[str]:
    return [charset.decode(value).rstrip(_PADDING)]


def _names(value: bytes, charset: Charset) -> list[str]:
    return charset.decode(value.rstrip(b"\0 "), person=True).split("\\")


TEXT: Final[dict[str, Callable[[bytes, Charset], list[str]]]] = {
    "AE": _titles,
    "AS": _split,
    "CS": _split,
    "DA": _split,
    "DS": _split,
    "DT": _split,
    "IS": _split,
    "LO": _texts,
    "LT": _paragraph,
    "PN": _names,
    "SH": _texts,
    "ST": _paragraph,
    "TM": _split,
    "UC": _texts,
    "UI": _uids,
    "UR": _address,
    "UT": _paragraph,
}
"""How the values of each textual VR are read; a single empty text means no value."""


def text_values(element: Element, charset: Charset, *, little_endian: bool) -> list[str]:
    """Return an element's values as text without padding, none if it has no short value."""
    value = element.value
    if not value:
        return []
    read = TEXT.get(element.vr)
    if read is not None:
        found = [text.strip(" \0") for text in read(value, charset)]
        return [] if found == [""] else found
    if element.vr in NUMERIC:
        return [
            str(number) for number in numbers(value, element.vr, little_endian=little_endian) or ()
        ]
    if element.vr == "AT":
        return attribute_tags(value, little_endian=little_endian)
    return []
