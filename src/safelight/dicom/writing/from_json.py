"""How does a DICOM JSON model become a file? (PS3.18 annex F, PS3.5 section 7)

The data set is written in explicit little endian and UTF-8. Bulk data is not copied:
what comes out is a list of pieces, some bytes, some sources that hold a value.
Nothing of a model is believed: depth, number of elements and every value are checked.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from struct import error as StructError  # noqa: N812 (an exception's name)
from struct import pack
from typing import Any, Final

from safelight.dicom import limits
from safelight.dicom.reasons import Reason, UnreadableError
from safelight.dicom.registry import tags
from safelight.dicom.registry import transfer_syntaxes as syntax
from safelight.dicom.registry.uids import is_usable_uid
from safelight.dicom.source import BytesSource, Source
from safelight.dicom.writing.part10 import file_meta

Model = Mapping[str, Any]
Bulk = Callable[[str], Source | None]
"""Finds the value that a BulkDataURI names; None where nothing does."""

_CHARACTER_SET: Final = "00080005"
_UTF8: Final = {"vr": "CS", "Value": ["ISO_IR 192"]}
_TEXTS: Final = frozenset(
    ("AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI")
) | {"UR", "UT"}  # fmt: skip
_ONE_TEXT: Final = frozenset({"LT", "ST", "UR", "UT"})
_NUMBERS: Final = {
    "FL": "f", "FD": "d", "SL": "i", "SS": "h", "SV": "q", "UL": "I", "US": "H", "UV": "Q",
}  # fmt: skip
_BINARIES: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_WRITTEN: Final = _TEXTS | _BINARIES | frozenset(_NUMBERS) | {"AT", "SQ"}
_LONG: Final = _BINARIES | {"SQ", "SV", "UC", "UR", "UT", "UV"}
_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")
_HEX: Final = frozenset("0123456789ABCDEFabcdef")
_KEY: Final = 8
_FILE_META: Final = 0x0002
_ITEM: Final = b"\xfe\xff\x00\xe0"
_END: Final = b"\xfe\xff\xdd\xe0\0\0\0\0"
_UNDEFINED: Final = b"\xff\xff\xff\xff"
_SHORTEST: Final = 0xFFFF
_LONGEST: Final = 0xFFFFFFFE
_DECIMAL: Final = 16


@dataclass(frozen=True, slots=True)
class Spliced:
    """A source made of several, one after the other."""

    parts: tuple[Source, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, parts: Sequence[Source]) -> Spliced:
        """Return these sources as one."""
        return cls(tuple(parts), tuple(accumulate(part.size for part in parts)))

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return self.ends[-1] if self.ends else 0

    def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes that start at `offset`."""
        found = []
        for number in range(bisect_right(self.ends, offset), len(self.parts)):
            part = self.parts[number]
            piece = part.read(offset - (self.ends[number] - part.size), length)
            found.append(piece)
            offset, length = offset + len(piece), length - len(piece)
            if length <= 0 or offset < self.ends[number]:
                break
        return b"".join(found)


def to_file(model: Any, bulk: Bulk, *, transfer_syntax: str = "") -> Spliced:  # noqa: ANN401 (JSON)
    """Return a Part 10 file that says what a model says.

    `transfer_syntax` is that of the pixel data, "" for explicit little endian; compressed
    pixel data is one frame.

    Raises:
        UnreadableError: the model is none, names missing bulk data, or is too large.
    """
    held = transfer_syntax or syntax.EXPLICIT_LITTLE
    known = syntax.transfer_syntax(held)
    if not is_usable_uid(held) or not known.explicit or not known.little_endian or known.deflated:
        raise UnreadableError(Reason.MALFORMED)
    writer = _Writer(bulk, encapsulated=known.encapsulated)
    parts = writer.data_set(model, depth=0)
    head = file_meta(_uid(model, tags.SOP_CLASS_UID), _uid(model, tags.SOP_INSTANCE_UID), held)
    return Spliced.of([BytesSource(head), *parts])


def to_data_set(model: Model, *, explicit: bool) -> bytes:
    """Return a data set that says what a model says, in little endian; it names no bulk data.

    Raises:
        UnreadableError: the model is none, or is too large.
    """
    writer = _Writer(lambda _: None, encapsulated=False, explicit=explicit)
    return b"".join(part.read(0, part.size) for part in writer.data_set(model, depth=0))


def _uid(model: Model, tag: int) -> str:
    element = model.get(tags.json_key(tag))
    values = element.get("Value") if isinstance(element, dict) else None
    uid = values[0] if isinstance(values, list) and values else ""
    if not isinstance(uid, str) or not is_usable_uid(uid):
        raise UnreadableError(Reason.MISSING_UID, tag=tag)
    return uid


class _Writer:
    """Writes one model, and counts what it writes."""

    def __init__(self, bulk: Bulk, *, encapsulated: bool, explicit: bool = True) -> None:
        self._bulk = bulk
        self._explicit = explicit
        self._encapsulated = encapsulated
        self._left = limits.ELEMENTS

    def data_set(self, model: Any, *, depth: int) -> list[Source]:  # noqa: ANN401 (JSON)
        if not isinstance(model, dict) or depth > limits.DEPTH:
            raise UnreadableError(Reason.TOO_DEEP if depth > limits.DEPTH else Reason.MALFORMED)
        self._left -= len(model)
        if self._left < 0:
            raise UnreadableError(Reason.TOO_MANY_ELEMENTS)
        told = dict(model)
        if depth == 0:
            told[_CHARACTER_SET] = _UTF8
        else:
            told.pop(_CHARACTER_SET, None)
        parts: list[Source] = []
        by_tag = {_tag(key): element for key, element in told.items()}
        if len(by_tag) < len(told):  # the same tag in small letters and in capitals
            raise UnreadableError(Reason.MALFORMED)
        for tag in sorted(by_tag):
            if tag >> 16 > _FILE_META:
                parts += self._element(tag, by_tag[tag], depth)
        return parts

    def _element(self, tag: int, element: Any, depth: int) -> list[Source]:  # noqa: ANN401 (JSON)
        vr = element.get("vr") if isinstance(element, dict) else None
        if not isinstance(vr, str) or vr not in _WRITTEN:
            raise UnreadableError(Reason.MALFORMED, tag=tag)
        if vr == "SQ":
            return self._sequence(tag, element.get("Value", []), depth)
        if "BulkDataURI" in element:
            value = self._bulk(str(element["BulkDataURI"]))
            if value is None:
                raise UnreadableError(Reason.MALFORMED, tag=tag)
        else:
            value = BytesSource(_value(tag, vr, element))
        if tag == tags.PIXEL_DATA and depth == 0 and self._encapsulated:
            return _one_fragment(value)
        return _written(tag, vr, value, explicit=self._explicit)

    def _sequence(self, tag: int, items: Any, depth: int) -> list[Source]:  # noqa: ANN401 (JSON)
        if not isinstance(items, list) or len(items) > limits.ITEMS:
            raise UnreadableError(Reason.MALFORMED, tag=tag)
        head = _head(tag, "SQ", _UNDEFINED) if self._explicit else _bare(tag, _UNDEFINED)
        parts: list[Source] = [BytesSource(head)]
        for item in items:
            held = self.data_set(item or {}, depth=depth + 1)
            size = sum(part.size for part in held)
            parts += [BytesSource(_ITEM + pack("<I", _fits(tag, size))), *held]
        return [*parts, BytesSource(_END)]


def _tag(key: Any) -> int:  # noqa: ANN401 (JSON)
    if not isinstance(key, str) or len(key) != _KEY or not _HEX.issuperset(key):
        raise UnreadableError(Reason.MALFORMED)
    return int(key, 16)


def _head(tag: int, vr: str, length: bytes) -> bytes:
    start = pack("<HH", tag >> 16, tag & 0xFFFF) + vr.encode("ascii")
    return start + (b"\0\0" if vr in _LONG else b"") + length


def _bare(tag: int, length: bytes) -> bytes:
    return pack("<HH", tag >> 16, tag & 0xFFFF) + length


def _written(tag: int, vr: str, value: Source, *, explicit: bool) -> list[Source]:
    size = value.size + value.size % 2
    if explicit and vr not in _LONG and size > _SHORTEST:
        raise UnreadableError(Reason.MALFORMED, tag=tag)
    padding = b"" if size == value.size else b" " if vr in _TEXTS and vr != "UI" else b"\0"
    if not explicit:
        return [BytesSource(_bare(tag, pack("<I", _fits(tag, size)))), value, BytesSource(padding)]
    length = pack("<I", _fits(tag, size)) if vr in _LONG else pack("<H", size)
    return [BytesSource(_head(tag, vr, length)), value, BytesSource(padding)]


def _one_fragment(value: Source) -> list[Source]:
    """Return compressed pixel data: an empty offset table and one fragment."""
    head = _head(tags.PIXEL_DATA, "OB", _UNDEFINED) + _ITEM + pack("<I", 0)
    size = value.size + value.size % 2
    padding = b"\0" * (size - value.size)
    length = pack("<I", _fits(tags.PIXEL_DATA, size))
    return [BytesSource(head + _ITEM + length), value, BytesSource(padding + _END)]


def _fits(tag: int, size: int) -> int:
    if size > _LONGEST:
        raise UnreadableError(Reason.MALFORMED, tag=tag)
    return size


def _value(tag: int, vr: str, element: Model) -> bytes:
    try:
        if vr in _BINARIES:
            return b64decode(element.get("InlineBinary", ""), validate=True)
        values = element.get("Value", [])
        if not isinstance(values, list):
            raise UnreadableError(Reason.MALFORMED, tag=tag)
        if vr in _NUMBERS:
            return pack(f"<{len(values)}{_NUMBERS[vr]}", *values)
        if vr == "AT":
            return b"".join(pack("<HH", _tag(each) >> 16, _tag(each) & 0xFFFF) for each in values)
        if vr in _TEXTS:
            if vr in _ONE_TEXT and len(values) > 1:
                raise UnreadableError(Reason.MALFORMED, tag=tag)
            return "\\".join(_text(vr, each) for each in values).encode()
    except (StructError, OverflowError, TypeError, ValueError, binascii.Error) as error:
        raise UnreadableError(Reason.MALFORMED, tag=tag) from error
    raise UnreadableError(Reason.MALFORMED, tag=tag)


def _text(vr: str, value: Any) -> str:  # noqa: ANN401 (JSON)
    if value is None:
        return ""
    if vr == "PN" and isinstance(value, dict):
        groups = [str(value.get(group) or "") for group in _GROUPS]
        return "=".join(groups).rstrip("=")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TypeError
    text = str(value) if isinstance(value, str) else _number(vr, value)
    if "\\" in text and vr not in _ONE_TEXT:
        raise ValueError
    return text


def _number(vr: str, value: float) -> str:
    """Write a number as DS or IS have it: at most sixteen characters (PS3.5 6.2)."""
    if vr == "IS":
        return str(int(value))
    text = repr(value)
    return text if len(text) <= _DECIMAL else f"{value:.10g}"
