"""What is in a data set, and is its structure sound?

One bounded walk over the bytes (PS3.5 section 7): every length is checked
against what contains it before anything is read, nesting and counts are limited,
and long values are jumped over. Values are not interpreted here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from safelight.dicom import limits
from safelight.dicom.elements import vrs
from safelight.dicom.elements.element import Element, Item
from safelight.dicom.elements.fields import (
    HEADER,
    IMPLICIT,
    LENGTH,
    LONG_HEADER,
    UNDEFINED,
    Field,
    Scope,
    explicit_field,
    looks_explicit,
)
from safelight.dicom.reading.ahead import Ahead, Budget
from safelight.dicom.reading.fragments import walk_fragments
from safelight.dicom.reading.window import Window
from safelight.dicom.reasons import Reason, UnreadableError
from safelight.dicom.registry.tags import (
    FILE_META_INFORMATION_GROUP_LENGTH,
    ITEM,
    ITEM_END,
    PIXEL_DATA,
    SEQUENCE_END,
)

if TYPE_CHECKING:
    from safelight.dicom.source import Piece, Source

_WORD: Final = 4
_META_NUMBER: Final = 0x0002
_META_GROUP: Final = b"\x02\x00"
_WRONG_GUESS: Final = (Reason.MALFORMED, Reason.TRUNCATED, Reason.LENGTH_BEYOND_END)
_new = tuple.__new__


class Scanner:
    """One walk over one source; it counts what the walk has used up."""

    __slots__ = ("_budget", "_source", "_window", "fragments")

    def __init__(self, source: Source) -> None:
        self._source = source
        self._window = Window(source)
        self._budget = Budget()
        self.fragments: tuple[Piece, ...] | None = None
        """The fragments of the outermost pixel data, when it is encapsulated."""

    def peek(self, position: int, length: int) -> bytes:
        """Return the bytes at `position`, fewer at the end of the source."""
        return self._window.take(position, min(length, max(self._window.size - position, 0)))

    def meta_group(self, position: int, end: int) -> tuple[dict[int, Element], int]:
        """Walk the file meta group and return it with the position after it.

        It ends where another group starts, whatever its own length says.
        """
        elements: dict[int, Element] = {}
        scope = Scope(end, explicit=True, little_endian=True)
        while position + HEADER <= end and self._window.take(position, 2) == _META_GROUP:
            self._spend()
            field = self._explicit_field(position, scope, elements)
            position = self._keep(field, scope, elements)
            if field.tag == FILE_META_INFORMATION_GROUP_LENGTH and field.length == _WORD:
                (stated,) = LENGTH[True](elements[field.tag].value or bytes(_WORD))
                inside = scope._replace(end=min(end, position + stated))
                found: dict[int, Element] = {}
                reached = self._plain_elements(position, inside, found)
                if all(tag >> 16 == _META_NUMBER for tag in found):
                    elements |= found
                    position = reached
        return elements, position

    def data_set(self, position: int, scope: Scope) -> tuple[Item, int]:
        """Walk one data set and return it with the position after it.

        The outermost data set may be followed by bytes that are none (padding, or
        another file hidden behind it); the walk stops before them.

        Raises:
            UnreadableError: the structure is not sound.
        """
        walk = self._explicit if scope.explicit else self._implicit
        elements, position, closed = walk(position, scope)
        if scope.delimited and not closed:
            raise UnreadableError(Reason.TRUNCATED)
        if scope.depth and not scope.delimited and position != scope.end:
            raise UnreadableError(Reason.MALFORMED)
        return Item(elements, scope.explicit, scope.little_endian), position

    def _explicit(self, position: int, scope: Scope) -> tuple[dict[int, Element], int, bool]:
        elements: dict[int, Element] = {}
        last = scope.end - HEADER
        while True:
            position = self._plain_elements(position, scope, elements)
            if position > last:
                return elements, position, False
            self._spend()
            field = self._explicit_field(position, scope, elements)
            if self._is_end(field.tag, scope, elements):
                return elements, position + HEADER * scope.delimited, scope.delimited
            position = self._keep(field, scope, elements)

    def _plain_elements(self, position: int, scope: Scope, elements: dict[int, Element]) -> int:
        """Add the plain elements that lie ahead in the window; return where they end."""
        data, base = self._window.data, self._window.base
        at, edge = position - base, min(scope.end - base, len(data))
        if at < 0 or at + HEADER > edge or (PIXEL_DATA in elements and not scope.depth):
            return position
        ahead = Ahead(self._budget, data, base, little_endian=scope.little_endian)
        return base + ahead.explicit(at, edge, elements, scope.depth)

    def _implicit(self, position: int, scope: Scope) -> tuple[dict[int, Element], int, bool]:
        elements: dict[int, Element] = {}
        last = scope.end - HEADER
        unpack = IMPLICIT[scope.little_endian]
        while True:
            position = self._plain_tags(position, scope, elements)
            if position > last:
                return elements, position, False
            self._spend()
            group, number, length = unpack(self._window.take(position, HEADER))
            tag = group << 16 | number
            if self._is_end(tag, scope, elements):
                return elements, position + HEADER * scope.delimited, scope.delimited
            field = Field(tag, vrs.implicit_vr(tag, elements), position + HEADER, length)
            position = self._keep(field, scope, elements)

    def _plain_tags(self, position: int, scope: Scope, elements: dict[int, Element]) -> int:
        """Do for the implicit encoding what `_plain_elements` does for the explicit ones."""
        unpack, plain = IMPLICIT[scope.little_endian], vrs.PLAIN
        data, base = self._window.data, self._window.base
        at, edge = position - base, min(scope.end - base, len(data))
        last = edge - HEADER
        left = self._budget.elements
        if at < 0:
            return position
        for left in range(self._budget.elements, 0, -1):  # noqa: B007  (read after the loop)
            if at > last:
                break
            group, number, length = unpack(data, at)
            start = at + HEADER
            stop = start + length
            vr = plain.get(group << 16 | number)
            if stop > edge or vr is None or length > limits.KEPT_VALUE:
                break
            elements[group << 16 | number] = _new(
                Element, (vr, base + start, length, data[start:stop], None)
            )
            at = stop
        self._budget.elements = left
        return base + at

    def _spend(self) -> None:
        self._budget.elements -= 1
        if self._budget.elements < 0:
            raise UnreadableError(Reason.TOO_MANY_ELEMENTS)

    def _is_end(self, tag: int, scope: Scope, elements: dict[int, Element]) -> bool:
        """Say whether `tag` ends the data set rather than being its next element."""
        if tag == ITEM_END and scope.delimited:
            return True
        if tag >> 16 == vrs.DELIMITERS:
            raise UnreadableError(Reason.MALFORMED)
        if scope.depth:
            return False
        return bool(elements) and (tag == 0 or (PIXEL_DATA in elements and tag < PIXEL_DATA))

    def _explicit_field(self, position: int, scope: Scope, elements: dict[int, Element]) -> Field:
        header = self._window.take(position, min(LONG_HEADER, scope.end - position))
        return explicit_field(header, position, elements, little_endian=scope.little_endian)

    def _keep(self, field: Field, scope: Scope, elements: dict[int, Element]) -> int:
        """Add the element to the data set and return the position after it."""
        tag, vr, start, length, guessed = field
        if length == UNDEFINED:
            elements[tag], position = self._undefined(field, scope)
            return position
        position = start + length
        if position > scope.end:
            raise UnreadableError(Reason.LENGTH_BEYOND_END, tag=tag)
        if vr == vrs.SEQUENCE:
            try:
                items, _ = self.items(start, scope._replace(end=position, delimited=False))
            except UnreadableError as error:
                if not guessed or error.reason not in _WRONG_GUESS:
                    raise
                vr = vrs.UNKNOWN
            else:
                elements[tag] = Element(vr, start, length, None, items)
                return position
        value = self._window.take(start, length) if length <= limits.KEPT_VALUE else None
        elements[tag] = _new(Element, (vr, start, length, value, None))
        return position

    def _undefined(self, field: Field, scope: Scope) -> tuple[Element, int]:
        tag, vr, start, *_ = field
        if vr == vrs.UNKNOWN and tag != PIXEL_DATA:
            # PS3.5 section 6.2.2: what is unknown and undefined is an implicit sequence.
            vr = vrs.SEQUENCE
        if vr == vrs.SEQUENCE:
            items, end = self.items(start, scope._replace(delimited=True))
            return Element(vr, start, end - start - HEADER, None, items), end
        if vr not in vrs.FRAGMENTED:
            raise UnreadableError(Reason.MALFORMED, tag=tag)
        pieces, end = walk_fragments(
            self._source, start, scope.end, little_endian=scope.little_endian
        )
        if tag == PIXEL_DATA:
            vr = "OB" if " " in vr else vr
            self.fragments = self.fragments if scope.depth else pieces
        length = end - start
        value = self._window.take(start, length) if length <= limits.KEPT_VALUE else None
        return Element(vr, start, length, value, None), end + HEADER

    def items(self, position: int, scope: Scope) -> tuple[tuple[Item, ...], int]:
        """Walk the items of one sequence and return them with the position after it.

        `scope` is the data set that the sequence stands in, ending where the
        sequence must end.
        """
        if scope.depth >= limits.DEPTH:
            raise UnreadableError(Reason.TOO_DEEP)
        items: list[Item] = []
        unpack = IMPLICIT[scope.little_endian]
        while position + HEADER <= scope.end:
            group, number, length = unpack(self._window.take(position, HEADER))
            tag = group << 16 | number
            position += HEADER
            if tag == SEQUENCE_END:
                return tuple(items), position
            if tag != ITEM:
                raise UnreadableError(Reason.MALFORMED, tag=tag)
            self._budget.items -= 1
            if self._budget.items < 0:
                raise UnreadableError(Reason.TOO_MANY_ITEMS)
            item, position = self._item(position, length, scope)
            items.append(item)
        if scope.delimited or position != scope.end:
            raise UnreadableError(Reason.TRUNCATED)
        return tuple(items), position

    def _item(self, position: int, length: int, scope: Scope) -> tuple[Item, int]:
        delimited = length == UNDEFINED
        end = scope.end if delimited else position + length
        if end > scope.end:
            raise UnreadableError(Reason.LENGTH_BEYOND_END)
        explicit = scope.explicit and (
            end - position < HEADER or looks_explicit(self.peek(position + 4, 2))
        )
        inner = Scope(end, explicit, scope.little_endian, scope.depth + 1, delimited)
        return self.data_set(position, inner)
