"""What does the indexer remember of a data element?

Tuples rather than dataclasses: a header has hundreds of these, and making a
tuple costs a fifth of making a frozen dataclass (measured).
"""

from __future__ import annotations

from typing import NamedTuple


class Element(NamedTuple):
    """One data element: where its value lies, and the value itself when it is short.

    `offset` counts from the start of the source that was indexed (of the inflated
    data set when it is deflated). `length` is in bytes, delimiters not counted.
    `value` is None for sequences and for values longer than `limits.KEPT_VALUE`.
    `vr` may still be one of the dictionary's ambiguous ones, such as "US or SS".
    """

    vr: str
    offset: int
    length: int
    value: bytes | None
    items: tuple[Item, ...] | None


class Item(NamedTuple):
    """One data set: the outermost, or an item of a sequence, and how it is encoded."""

    elements: dict[int, Element]
    explicit: bool
    little_endian: bool
