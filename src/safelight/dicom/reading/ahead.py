"""What can be read straight from the bytes already in memory?

The plain part of the walk, and nine tenths of it: elements and whole sequences that
lie in the window and are encoded as PS3.5 section 7 has it. One loop, no calls for an
element, one bounds check each. Whatever is unusual (cut off, long, unknown, of another
encoding) is left where it stands, for `scanner` to judge.
"""

from __future__ import annotations

from typing import Final

from safelight.dicom import limits
from safelight.dicom.elements import vrs
from safelight.dicom.elements.element import Element, Item
from safelight.dicom.elements.fields import (
    EXPLICIT,
    HEADER,
    IMPLICIT,
    LENGTH,
    LONG_HEADER,
    UNDEFINED,
)

_TRIES: Final = 16
_PIXELS: Final = 0x7FE0
_DELIMITERS: Final = 0xFFFE
_ITEM: Final = 0xE000
_ITEM_END: Final = 0xE00D
_SEQUENCE_END: Final = 0xE0DD
_new = tuple.__new__


class Budget:
    """What one walk may still use up: elements, items, and sequences tried in vain."""

    __slots__ = ("elements", "items", "tries")

    def __init__(self) -> None:
        self.elements = limits.ELEMENTS
        self.items = limits.ITEMS
        self.tries = _TRIES


class Ahead:
    """The bytes `data`, which start at `base` of the source, in one byte order."""

    __slots__ = ("_base", "_budget", "_data", "_length", "_tag", "_unpack")

    def __init__(self, budget: Budget, data: bytes, base: int, *, little_endian: bool) -> None:
        self._budget = budget
        self._data = data
        self._base = base
        self._unpack = EXPLICIT[little_endian]
        self._tag = IMPLICIT[little_endian]
        self._length = LENGTH[little_endian]

    def explicit(self, at: int, edge: int, elements: dict[int, Element], depth: int) -> int:
        """Add the plain elements between `at` and `edge`, and return where they end.

        Both count in `data`. Nothing of the first element that is not plain is taken.
        """
        data, base, unpack, budget = self._data, self._base, self._unpack, self._budget
        short_form, long_form = vrs.SHORT_FORM, vrs.LONG_FORM
        last, left = edge - HEADER, budget.elements
        while at <= last and left:
            group, number, code, length = unpack(data, at)
            start = at + HEADER
            vr = short_form.get(code)
            if vr is not None:
                stop = start + length
                if stop > edge:
                    break
                elements[group << 16 | number] = _new(
                    Element, (vr, base + start, length, data[start:stop], None)
                )
                at = stop
                left -= 1
                continue
            vr = long_form.get(code)
            start = at + LONG_HEADER
            if vr is None or vr == vrs.UNKNOWN or group == _PIXELS or start > edge:
                break
            (length,) = self._length(data, at + HEADER)
            if vr == vrs.SEQUENCE:
                budget.elements = left - 1
                found = self._sequence(start, length, edge, depth)
                if found is None:
                    break
                left = budget.elements
                element, at = found
                elements[group << 16 | number] = element
                continue
            stop = start + length
            if stop > edge or length > limits.KEPT_VALUE:
                break
            elements[group << 16 | number] = _new(
                Element, (vr, base + start, length, data[start:stop], None)
            )
            at = stop
            left -= 1
        budget.elements = left
        return at

    def _sequence(
        self, start: int, length: int, edge: int, depth: int
    ) -> tuple[Element, int] | None:
        """Return a whole sequence and where it ends, None if anything in it is unusual."""
        delimited = length == UNDEFINED
        stop = edge if delimited else start + length
        budget = self._budget
        if stop > edge or depth >= limits.DEPTH or not budget.tries:
            return None
        left, items = budget.elements, budget.items
        found = self._items(start, stop, depth + 1, delimited=delimited)
        if found is None:
            budget.elements, budget.items = left, items
            budget.tries -= 1
            return None
        inner, at = found
        length = at - start - HEADER * delimited
        return _new(Element, (vrs.SEQUENCE, self._base + start, length, None, inner)), at

    def _items(
        self, at: int, stop: int, depth: int, *, delimited: bool
    ) -> tuple[tuple[Item, ...], int] | None:
        items: list[Item] = []
        budget, little_endian = self._budget, self._tag is IMPLICIT[True]
        while at + HEADER <= stop:
            group, number, length = self._tag(self._data, at)
            at += HEADER
            if group != _DELIMITERS:
                return None
            if number != _ITEM:
                return (tuple(items), at) if delimited and number == _SEQUENCE_END else None
            budget.items -= 1
            if budget.items < 0:
                return None
            elements: dict[int, Element] = {}
            if length == UNDEFINED:
                at = self.explicit(at, stop, elements, depth)
                if at + HEADER > stop or self._tag(self._data, at)[:2] != (_DELIMITERS, _ITEM_END):
                    return None
                at += HEADER
            else:
                end = at + length
                if end > stop or self.explicit(at, end, elements, depth) != end:
                    return None
                at = end
            items.append(_new(Item, (elements, True, little_endian)))
        return None if delimited or at != stop else (tuple(items), at)
