"""How is everything that is stored read again, bit by bit, over days if need be?

A run remembers in its row how far it came, so it can be stopped at any moment. What
does not read well goes into quarantine; what reads well again comes out of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self
from uuid import UUID

from django.db import transaction
from django.db.models import Max, QuerySet

from safelight.kernel import clock
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import Outcome
from safelight.records.imaging.events import ImagingEvent
from safelight.records.imaging.models import (
    WITHOUT_BYTES,
    Instance,
    Quarantined,
    RemovedInstance,
    ReviewItem,
    ScrubRun,
)
from safelight.records.imaging.quarantine import clear, quarantine
from safelight.records.imaging.store import reader
from safelight.records.imaging.upkeep.checking import Finding, Stored, check
from safelight.records.imaging.upkeep.sweep import pack_subject

_AT_ONCE: Final = 200
_SAVE_EVERY: Final = 2.0  # seconds of work that a killed run does again, at most


@dataclass(slots=True)
class Scrub:
    """A run that is going on. `rate` limits how many bytes are read in a second; 0 does not."""

    run: ScrubRun
    rate: int = 0
    _known_bad: set[UUID] = field(default_factory=set)
    _named: set[str] = field(default_factory=set)
    _pack: str = ""
    _began: float = 0.0
    _size: int = 0

    @classmethod
    def resume(cls, *, at: datetime, rate: int = 0, anew: bool = False) -> Self:
        """Go on with the run that was not finished, or begin one."""
        run = ScrubRun.objects.filter(ended_at=None).order_by("-pk").first()
        if run is not None and anew:
            ScrubRun.objects.filter(pk=run.pk).delete()
            run = None
        if run is None:
            last = Instance.objects.aggregate(last=Max("arrival"))["last"] or 0
            run = ScrubRun.objects.create(began_at=at, last_arrival=last)
        known = set(Quarantined.objects.values_list("object_id", flat=True))
        return cls(run, rate, known)

    def waiting(self) -> int:
        """Count the objects that are still to be read."""
        return self._instances().count() + self._reviews().count()

    def go_on(self, until: Callable[[], bool] = lambda: False) -> Iterator[Stored]:
        """Read on until `until` says so or all is read, yielding what was read."""
        self._began, saved = time.monotonic(), time.monotonic()
        try:
            for row in self._rows():
                self._take(row)
                yield row
                if time.monotonic() - saved > _SAVE_EVERY:
                    self.run.save()
                    saved = time.monotonic()
                if until():
                    return
            self._end()
        finally:
            self.run.save()

    def _rows(self) -> Iterator[Stored]:
        while rows := list(self._instances()[:_AT_ONCE]):
            yield from rows
        while reviews := list(self._reviews()[:_AT_ONCE]):
            yield from reviews

    def _take(self, row: Stored) -> None:
        if row.pack != self._pack:
            # A pack that is open already could be read even where it is gone.
            self._pack = row.pack
            reader().forget(row.pack)
        found = check(row)
        at = clock.now()
        self.run.objects_read += 1
        self.run.bytes_read += row.length
        if found.is_bad:
            self.run.found_broken += 1
            self._name(found, row, at)
            quarantine(row, found.value, at=at)
        elif row.id in self._known_bad and clear(row.id, at=at):
            self.run.found_healed += 1
        if isinstance(row, Instance):
            self.run.arrival = row.arrival
        else:
            self.run.review_id = row.id
        self._size += row.length
        if self.rate:
            time.sleep(max(0.0, self._began + self._size / self.rate - time.monotonic()))

    def _name(self, found: Finding, row: Stored, at: datetime) -> None:
        """Sound the alarm for a pack or key that is missing, once for each."""
        if found is Finding.PACK_MISSING:
            event, subject = ImagingEvent.PACK_MISSING, pack_subject(row.pack)
        elif found is Finding.KEY_MISSING:
            event = ImagingEvent.KEY_MISSING
            subject = (
                f"study/{row.study_id}" if isinstance(row, Instance) else f"vault/{row.vault_id}"
            )
        else:
            return
        if subject not in self._named:
            self._named.add(subject)
            with transaction.atomic():
                record(event, actor="system", subject=subject, outcome=Outcome.FAILED, at=at)

    def _end(self) -> None:
        run, at = self.run, clock.now()
        for object_id in list(Quarantined.objects.values_list("object_id", flat=True)):
            tables = (Instance.objects, RemovedInstance.objects, ReviewItem.objects)
            is_stored = any(rows.filter(id=object_id).exists() for rows in tables)
            if not is_stored:
                clear(object_id, at=at)
        with transaction.atomic():
            run.ended_at = at
            run.save()
            record(
                ImagingEvent.SCRUBBED,
                actor="system",
                outcome=Outcome.FAILED if run.found_broken else Outcome.OK,
                count=run.objects_read,
                size=run.bytes_read,
                at=at,
            )

    def _instances(self) -> QuerySet[Instance]:
        return Instance.objects.filter(
            arrival__gt=self.run.arrival, arrival__lte=self.run.last_arrival
        ).order_by("arrival")

    def _reviews(self) -> QuerySet[ReviewItem]:
        items = ReviewItem.objects.exclude(state__in=WITHOUT_BYTES).order_by("pk")
        return items if self.run.review_id is None else items.filter(pk__gt=self.run.review_id)
