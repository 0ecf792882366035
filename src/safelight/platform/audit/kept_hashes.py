"""Do the kept hashes of the tree fit the entries under them, and is none too many?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, IntegerField, Subquery, Value
from django.db.models.functions import Coalesce

from safelight.platform.audit.merkle import STRIDE
from safelight.platform.audit.models import Node
from safelight.platform.audit.offline.trail import BrokenTrailError
from safelight.platform.audit.tree import kept_levels, place

if TYPE_CHECKING:
    from collections.abc import Iterator


class KeptHashes:
    """What is kept under the first `size` entries, read along with them."""

    def __init__(self, size: int) -> None:
        self.due = sum(size >> level for level in kept_levels(size))
        self._rows = {level: _rows(level, size >> level) for level in kept_levels(size)}
        self._new: list[tuple[int, int, bytes]] = []

    def came_about(self, level: int, index: int, root: bytes) -> None:
        """Take note of the next complete subtree."""
        if level % STRIDE == 0:
            self._new.append((level, index, root))

    def compare(self) -> None:
        """Compare what came about since the last time. Raises BrokenTrailError."""
        for level, index, root in self._new:
            if next(self._rows[level], None) != (place(level, index), root):
                first = (index << level) + 1
                raise BrokenTrailError(first, "a hash kept over it is missing or another")
        self._new.clear()


def count_of_kept() -> Coalesce:
    """Return the expression that counts all of them, to be read with the tip."""
    one = Node.objects.order_by().annotate(all=Value(1)).values("all")
    counted = one.annotate(count=Count("place")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _rows(level: int, count: int) -> Iterator[tuple[int, bytes]]:
    lowest = place(level, 0)
    rows = Node.objects.filter(place__gte=lowest, place__lt=lowest + count).order_by("place")
    for at, kept in rows.values_list("place", "hash").iterator(chunk_size=2000):
        yield at, bytes(kept)
