"""How much of each pack is still needed, and what for?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, F, Max, QuerySet, Sum

from safelight.records.imaging.models import WITHOUT_BYTES, Instance, RemovedInstance, ReviewItem
from safelight.records.imaging.upkeep.checking import Stored

# How far each pack is needed, for a copy of the database that is no database of ours.
ENDS: Final = f"""
    SELECT pack, MAX("offset" + length) FROM (
        SELECT pack, "offset", length FROM imaging_instance
        UNION ALL SELECT pack, "offset", length FROM imaging_removedinstance
        UNION ALL SELECT pack, "offset", length FROM imaging_reviewitem
            WHERE state NOT IN ({", ".join(f"'{state.value}'" for state in WITHOUT_BYTES)})
    ) AS kept GROUP BY pack
"""  # noqa: S608 (ours)


@dataclass(frozen=True, slots=True)
class Needed:
    """What rows say of one pack: how many records and bytes, and where the last one ends."""

    records: int
    size: int
    end: int

    def __add__(self, other: Needed) -> Needed:
        return Needed(
            self.records + other.records, self.size + other.size, max(self.end, other.end)
        )


def needed() -> dict[str, Needed]:
    """Read all rows and say what they need of each pack that they name."""
    found: dict[str, Needed] = {}
    # One statement: an object that changes its table meanwhile is seen in one of them.
    filed, removed, waiting = (
        rows.order_by()
        .values_list("pack")
        .annotate(records=Count("pk"), size=Sum("length"), end=Max(F("offset") + F("length")))
        for rows in (Instance.objects.all(), RemovedInstance.objects.all(), _waiting())
    )
    for pack, records, size, end in filed.union(removed, waiting, all=True):
        one = Needed(records, size, end)
        found[pack] = found[pack] + one if pack in found else one
    return found


def lying_in(packs: Sequence[str]) -> Iterator[Stored]:
    """Yield the objects in some packs, those of a study one after another."""
    yield from Instance.objects.filter(pack__in=packs).order_by("study_id", "arrival")
    yield from RemovedInstance.objects.filter(pack__in=packs).order_by("study_id", "arrival")
    yield from _waiting().filter(pack__in=packs).order_by("received_at", "pk")


def names(pack: str) -> bool:
    """Say whether a row names a pack, as of now."""
    tables = (Instance.objects, RemovedInstance.objects, _waiting())
    return any(rows.filter(pack=pack).exists() for rows in tables)


def _waiting() -> QuerySet[ReviewItem]:
    return ReviewItem.objects.exclude(state__in=WITHOUT_BYTES)
