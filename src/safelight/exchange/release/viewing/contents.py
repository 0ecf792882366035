"""How many pictures does a series hold, and which one stands in its middle?

The answer needs every card of the series, so it is kept in memory for as long
as the series stays what it was: cards do not change, they come and go.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Count, Sum

from safelight.exchange.release.parts import arrivals_in
from safelight.exchange.release.viewing.find import Found, instances_of
from safelight.records.imaging.models import Instance, Series
from safelight.records.imaging.store import card_of

_REMEMBERED: Final = 4096
_Key = tuple[UUID, int, int]  # the series, how many arrivals it holds, and their sum


@dataclass(frozen=True, slots=True)
class Contents:
    """What is visible of one series."""

    objects: int
    frames: int
    middle_instance_uid: str
    middle_frame: int


class _Memory:
    """The contents of series as they were at an arrival."""

    def __init__(self) -> None:
        self._known: OrderedDict[_Key, Contents] = OrderedDict()
        self._lock = threading.Lock()

    def recall(self, key: _Key) -> Contents | None:
        with self._lock:
            return self._known.get(key)

    def keep(self, key: _Key, held: Contents) -> None:
        with self._lock:
            self._known[key] = held
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)


_memory = _Memory()


def contents(found: Found, series: Series) -> Contents:
    """Count what is visible of a series and find its middle."""
    rows = Instance.objects.filter(series_id=series.id)
    if not found.decision.scope.whole:
        rows = rows.filter(arrivals_in(found.decision.scope.part_of(series.id)))
    seen = rows.aggregate(count=Count("arrival"), sum=Sum("arrival"))
    return _contents(found, series, (series.id, seen["count"], seen["sum"] or 0))


def contents_of_all(shown: Sequence[tuple[Found, Series]]) -> dict[UUID, Contents]:
    """Say of each series what `contents` does, the whole ones asked for together."""
    whole = [series.id for found, series in shown if found.decision.scope.whole]
    seen = {
        series_id: (count, total)
        for series_id, count, total in Instance.objects.filter(series_id__in=whole)
        .values_list("series_id")
        .annotate(Count("arrival"), Sum("arrival"))
        .order_by()
    }
    return {
        series.id: (
            _contents(found, series, (series.id, *seen.get(series.id, (0, 0))))
            if found.decision.scope.whole
            else contents(found, series)
        )
        for found, series in shown
    }


def _contents(found: Found, series: Series, key: _Key) -> Contents:
    held = _memory.recall(key)
    if held is None:
        held = _counted(found, series)
        _memory.keep(key, held)
    return held


def _counted(found: Found, series: Series) -> Contents:
    cards = [card_of(row) for row in instances_of(found, series)]
    cards.sort(key=lambda card: (card.number is None, card.number or 0))
    middle = cards[len(cards) // 2] if cards else None
    return Contents(
        objects=len(cards),
        frames=sum(len(card.frames) for card in cards),
        middle_instance_uid=middle.sop_instance_uid if middle else "",
        middle_frame=len(middle.frames) // 2 + 1 if middle else 1,
    )
