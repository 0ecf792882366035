"""How does an operator see to it that what was taken in is kept? Ids and counts leave, no bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from safelight.kernel import clock
from safelight.records.imaging.models import Quarantined, ScrubRun
from safelight.records.imaging.upkeep.compaction import Compacted, compact
from safelight.records.imaging.upkeep.scrub import Scrub
from safelight.records.imaging.upkeep.sweep import Swept, sweep

__all__ = [
    "Compacted", "Progress", "Swept", "compact", "in_quarantine", "last_scrub", "scrub", "sweep",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a scrub is."""

    objects: int
    size: int
    waiting: int


def scrub(*, rate: int = 0, anew: bool = False) -> Iterator[Progress]:
    """Read on where the last scrub stopped, to the end; `rate` is bytes a second, 0 no limit."""
    running = Scrub.resume(at=clock.now(), rate=rate, anew=anew)
    run, waiting = running.run, running.waiting()
    yield Progress(run.objects_read, run.bytes_read, waiting)
    for done, _ in enumerate(running.go_on(), start=1):
        yield Progress(run.objects_read, run.bytes_read, waiting - done)


def in_quarantine() -> list[tuple[str, str]]:
    """List what is kept back: (id, reason)."""
    rows = Quarantined.objects.order_by("found_at", "object_id")
    return [(str(object_id), reason) for object_id, reason in rows.values_list("pk", "reason")]


def last_scrub() -> tuple[datetime, int] | None:
    """Say when everything had been read again for the last time, and how many objects that was."""
    run = ScrubRun.objects.exclude(ended_at=None).order_by("-ended_at").first()
    return (run.ended_at, run.objects_read) if run is not None and run.ended_at else None
