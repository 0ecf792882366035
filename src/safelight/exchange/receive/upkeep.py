"""How does an operator see to it that what was taken in is kept? Ids and counts leave, no bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from safelight.exchange.access.powers.approvals import use_approval
from safelight.exchange.access.powers.deeds import Deed
from safelight.exchange.access.powers.errors import ApprovalMissingError
from safelight.exchange.access.powers.kinds import ApprovalKind
from safelight.kernel import clock
from safelight.records.imaging.models import Quarantined, ScrubRun
from safelight.records.imaging.upkeep.compaction import Compacted, compact
from safelight.records.imaging.upkeep.scrub import Scrub
from safelight.records.imaging.upkeep.sweep import Swept
from safelight.records.imaging.upkeep.sweep import sweep as sweep_alone

__all__ = [
    "Compacted", "Progress", "Swept", "compact", "deed_of_sweep", "in_quarantine", "last_scrub",
    "scrub", "sweep",
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


def deed_of_sweep(keys: int) -> Deed:
    """Return the act that two people agree to: to destroy so many keys that no row names."""
    return Deed(kind=ApprovalKind.DESTRUCTION, subject="keys/unnamed", details={"keys": str(keys)})


def sweep(*, actor: str, at: datetime) -> Swept:
    """Remove what nothing names any more; a great deal of it by the approval of two.

    `held_keys` of what comes back says that it takes one, of exactly that number.
    """
    done = sweep_alone(at=at)
    if not done.held_keys:
        return done
    deed = deed_of_sweep(done.held_keys)
    try:
        # Used up before anything goes: the key store is another database.
        with transaction.atomic(durable=True):
            use_approval(kind=deed.kind, digest=deed.digest, actor=actor, at=at)
    except ApprovalMissingError:
        return done
    return sweep_alone(at=at, most_keys=done.held_keys)


def in_quarantine() -> list[tuple[str, str]]:
    """List what is kept back: (id, reason)."""
    rows = Quarantined.objects.order_by("found_at", "object_id")
    return [(str(object_id), reason) for object_id, reason in rows.values_list("pk", "reason")]


def last_scrub() -> tuple[datetime, int] | None:
    """Say when everything had been read again for the last time, and how many objects that was."""
    run = ScrubRun.objects.exclude(ended_at=None).order_by("-ended_at").first()
    return (run.ended_at, run.objects_read) if run is not None and run.ended_at else None
