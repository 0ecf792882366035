"""How is a textual value written in the DICOM JSON model? (PS3.18 section F.2)

One reader for each VR, each with a short way for the one plain value that nine of ten
elements have. `values` says what the same bytes mean elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from safelight.dicom.elements.values import TEXT, decimal, integer

if TYPE_CHECKING:
    from collections.abc import Callable

    from safelight.dicom.elements.charsets import Charset

    Reader = Callable[[bytes, Charset], list[Any] | None]

_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")
_PADDING: Final = "\0 "


def _split(value: bytes, _: Charset) -> list[Any] | None:
    text = value.decode("ascii", "replace").rstrip(_PADDING)
    if "\\" in text:
        return text.split("\\")
    return [text] if text else None


def _uids(value: bytes, _: Charset) -> list[Any] | None:
    text = value.decode("ascii", "replace").rstrip(_PADDING)
    if "\\" in text:
        return [part.strip() for part in text.split("\\")]
    text = text.strip()
    return [text] if text else None


def _texts(value: bytes, charset: Charset) -> list[Any] | None:
    text = charset.decode(value)
    if "\\" in text:
        return [part.rstrip(_PADDING) for part in text.split("\\")]
    text = text.rstrip(_PADDING)
    return [text] if text else None


def _decimals(value: bytes, _: Charset) -> list[Any] | None:
    text = value.decode("ascii", "replace").rstrip(_PADDING)
    if "\\" in text:
        return [decimal(part) for part in text.split("\\")]
    number = decimal(text)
    return None if number is None else [number]


def _integers(value: bytes, _: Charset) -> list[Any] | None:
    text = value.decode("ascii", "replace").rstrip(_PADDING)
    if "\\" in text:
        return [integer(part) for part in text.split("\\")]
    number = integer(text)
    return None if number is None else [number]


def _names(value: bytes, charset: Charset) -> list[Any] | None:
    text = charset.decode(value.rstrip(b"\0 "), person=True)
    if "\\" in text:
        return [_name(part) for part in text.split("\\")]
    name = _name(text)
    return None if name is None else [name]


def _name(text: str) -> dict[str, str] | None:
    if "=" not in text:
        return {"Alphabetic": text} if text else None
    groups = text.split("=")
    while groups and not groups[-1]:
        groups.pop()
    return dict(zip(_GROUPS, groups, strict=False)) or None


def _as_read(vr: str) -> Reader:
    read = TEXT[vr]

    def values(value: bytes, charset: Charset) -> list[Any] | None:
        found = read(value, charset)
        return None if found == [""] else found

    return values


READERS: Final[dict[str, Reader]] = {vr: _as_read(vr) for vr in TEXT} | {
    "AS": _split,
    "CS": _split,
    "DA": _split,
    "DS": _decimals,
    "DT": _split,
    "IS": _integers,
    "LO": _texts,
    "PN": _names,
    "SH": _texts,
    "TM": _split,
    "UC": _texts,
    "UI": _uids,
}
"""The values of each textual VR as JSON has them; None means that there is none."""
