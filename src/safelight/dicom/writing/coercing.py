"""How are a few identifying attributes changed for a receiver, and everything else left as it is?

The data set's own bytes pass through; only the changed elements are written anew, in the
encoding of the rest. What they were stands in the Original Attributes Sequence
(PS3.3 C.12.1.1.9.2), with what was there before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from typing import TYPE_CHECKING, Final

from safelight.dicom import limits
from safelight.dicom.elements import vrs
from safelight.dicom.elements.fields import UNDEFINED
from safelight.dicom.reasons import Reason, UnreadableError
from safelight.dicom.registry import tags
from safelight.dicom.writing.rewriting import Encoding

if TYPE_CHECKING:
    from safelight.dicom.elements.element import Element
    from safelight.dicom.reading.header import Header
    from safelight.dicom.source import Source

ACCESSION: Final = 0x00080050
PATIENT_ID: Final = 0x00100020
ISSUER: Final = 0x00100021
_VRS: Final = {ACCESSION: "SH", PATIENT_ID: "LO", ISSUER: "LO"}
_MODIFIED: Final = 0x04000550
_ORIGINALS: Final = 0x04000561
_WHEN: Final = 0x04000562
_BY: Final = 0x04000563
_SOURCE: Final = 0x04000564
_WHY: Final = 0x04000565
_HEADS: Final = (12, 8)  # bytes before a value, the longer form first


# From where to where, for which attribute, and what stands there instead.
_Cut = tuple[int, int, int, bytes]


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes [start, stop) of the source, or bytes of our own."""

    start: int = 0
    stop: int = 0
    own: bytes = b""

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return len(self.own) or self.stop - self.start


def coerced(
    header: Header, source: Source, values: dict[int, str], *, when: str, system: str
) -> list[Span]:
    """Return a data set with other `values` (ASCII, by tag), as spans in order.

    `when` is a DT, `system` names who changes it.

    Raises:
        UnreadableError: it is deflated, or an element is not where its index says.
    """
    if header.dataset is not None:
        raise UnreadableError(Reason.MALFORMED)
    into = Encoding(explicit=header.explicit, little_endian=header.little_endian)
    cuts: list[_Cut] = []
    originals = b""
    for tag, value in sorted(values.items()):
        old = header.root.elements.get(tag)
        data = value.encode("ascii")
        new = _element(into, tag, _VRS[tag], data)
        if old is None:
            at = _place(header, source, tag)
            cuts.append((at, at, tag, new))
            originals += _element(into, tag, _VRS[tag], b"")
        else:
            start = _start(source, tag, old, into)
            cuts.append((start, old.offset + old.length, tag, new))
            originals += _element(into, tag, _VRS[tag], source.read(old.offset, old.length))
    item = _sequence_of(into, _MODIFIED, originals) + b"".join(
        _element(into, tag, vr, text.encode("ascii"))
        for tag, vr, text in (
            (_WHEN, "DT", when),
            (_BY, "LO", system),
            (_SOURCE, "LO", ""),
            (_WHY, "CS", "COERCE"),
        )
    )
    cuts += _kept_beside(header, source, into, item)
    cuts += _stale_lengths(header, source, into, {*values, _ORIGINALS})
    end = header.dataset_offset + header.data_size
    return list(_spans(sorted(cuts), header.dataset_offset, end))


def _spans(cuts: list[_Cut], start: int, end: int) -> Iterator[Span]:
    for first, last, _, own in cuts:
        if first > start:
            yield Span(start, first)
        if own:
            yield Span(own=own)
        start = last
    if end > start:
        yield Span(start, end)


def _kept_beside(header: Header, source: Source, into: Encoding, item: bytes) -> list[_Cut]:
    """Return where our item goes: before those of others, or in a sequence of its own."""
    before = header.root.elements.get(_ORIGINALS)
    if before is None:
        at = _place(header, source, _ORIGINALS)
        return [(at, at, _ORIGINALS, _sequence_of(into, _ORIGINALS, item))]
    start = _start(source, _ORIGINALS, before, into)
    order = "<" if into.little_endian else ">"
    (stated,) = Struct(order + "I").unpack(source.read(before.offset - 4, 4))
    head = into.head(_ORIGINALS, vrs.SEQUENCE, UNDEFINED) + _item(into, item)
    cuts = [(start, before.offset, _ORIGINALS, head)]
    if stated != UNDEFINED:
        end = before.offset + stated
        cuts.append((end, end, _ORIGINALS, into.marker(tags.SEQUENCE_END)))
    return cuts


def _stale_lengths(header: Header, source: Source, into: Encoding, changed: set[int]) -> list[_Cut]:
    """Return the group lengths that are not true any more: they go (PS3.5 section 7.2)."""
    found = []
    for tag in {each & ~0xFFFF for each in changed} & header.root.elements.keys():
        element = header.root.elements[tag]
        start = _start(source, tag, element, into)
        found.append((start, element.offset + element.length, tag, b""))
    return found


def _place(header: Header, source: Source, tag: int) -> int:
    """Return where an element that is not there belongs: before the next one."""
    into = Encoding(explicit=header.explicit, little_endian=header.little_endian)
    later = [each for each in header.root.elements if each > tag]
    if not later:
        return header.dataset_offset + header.data_size
    following = min(later)
    return _start(source, following, header.root.elements[following], into)


def _start(source: Source, tag: int, element: Element, into: Encoding) -> int:
    """Return where an element begins, by looking for its tag before its value."""
    order = "<" if into.little_endian else ">"
    named = Struct(order + "HH").pack(tag >> 16, tag & 0xFFFF)
    for head in _HEADS if into.explicit else _HEADS[1:]:
        read = source.read(element.offset - head, head)
        if read[:4] != named:
            continue
        is_short = not into.explicit or read[4:6] in vrs.SHORT_FORM
        if is_short == (head == _HEADS[1]):
            return element.offset - head
    raise UnreadableError(Reason.MALFORMED)


def _element(into: Encoding, tag: int, vr: str, data: bytes) -> bytes:
    data += b" " * (len(data) % 2)
    return into.head(tag, vr, len(data)) + data


def _sequence_of(into: Encoding, tag: int, item: bytes) -> bytes:
    head = into.head(tag, vrs.SEQUENCE, UNDEFINED)
    return head + _item(into, item) + into.marker(tags.SEQUENCE_END)


def _item(into: Encoding, content: bytes) -> bytes:
    head = into.marker(tags.ITEM, UNDEFINED)
    return head + content + into.marker(tags.ITEM_END)


def bytes_of(span: Span, source: Source) -> Iterator[bytes]:
    """Yield a span, at most 1 MiB at once."""
    if span.own:
        yield span.own
        return
    for offset in range(span.start, span.stop, limits.MIB):
        yield source.read(offset, min(limits.MIB, span.stop - offset))
