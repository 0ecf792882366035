"""Is this entry in the signed trail, and does the trail continue what was signed before?

Answered with the proofs of RFC 6962, at any size from a handful of reads: a proof
needs the roots of some complete subtrees, and those of every fourth level are kept
as they come about. What lies between two kept levels is made of at most eight of
them; the lowest are made of the entries' texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from safelight.platform.audit.errors import TreeBrokenError
from safelight.platform.audit.merkle import (
    STRIDE,
    Frontier,
    consistency_ranges,
    inclusion_ranges,
    leaf_hash,
    root_of,
)
from safelight.platform.audit.models import Entry, Node

if TYPE_CHECKING:
    from collections.abc import Iterator

_LEVEL: Final = 1 << 48


def place(level: int, index: int) -> int:
    """Return where the root of a subtree is kept."""
    return level * _LEVEL + index


def kept_levels(size: int) -> range:
    """Return the levels of which something is kept in a tree of `size` leaves."""
    return range(STRIDE, size.bit_length(), STRIDE)


class Tree:
    """The tree over the first `size` entries; what it has read it remembers."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._read: dict[tuple[int, int], bytes] = {}

    def root(self) -> bytes:
        """Return the root over all of them. Raises TreeBrokenError, as the others do."""
        return self._root(0, self.size)

    def inclusion(self, seq: int) -> list[bytes]:
        """Return the proof that the entry with sequence `seq`, from 1, is among them."""
        return [self._root(*each) for each in inclusion_ranges(seq - 1, self.size)]

    def consistency(self, earlier: int) -> list[bytes]:
        """Return the proof that the first `earlier` of them stand as they stood then."""
        if not earlier:
            return []
        return [self._root(*each) for each in consistency_ranges(earlier, self.size)]

    def _root(self, start: int, end: int) -> bytes:
        # The complete subtrees from left to right are a frontier's peaks.
        peaks = [self._subtree(level, index) for level, index in _complete(start, end)]
        return Frontier(end - start, peaks).root()

    def _subtree(self, level: int, index: int) -> bytes:
        known = self._read.get((level, index))
        if known is None:
            between = level % STRIDE
            below = _kept(level - between, index << between, 1 << between)
            known = self._read[level, index] = root_of(below)
        return known


def _complete(start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def _kept(level: int, first: int, count: int) -> list[bytes]:
    if level:
        lowest = place(level, first)
        rows = Node.objects.filter(place__gte=lowest, place__lt=lowest + count)
        found = [bytes(each) for each in rows.order_by("place").values_list("hash", flat=True)]
    else:
        entries = Entry.objects.filter(seq__gt=first, seq__lte=first + count).order_by("seq")
        found = [leaf_hash(text.encode()) for text in entries.values_list("text", flat=True)]
    if len(found) != count:
        raise TreeBrokenError
    return found
