"""What is found beside the record: is it signed, do the clocks run, who is in the database?"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Final

from django.db import transaction

from safelight.governance.watch.events import WatchEvent
from safelight.governance.watch.rules import Finding
from safelight.governance.watch.sightings import INSTANCE
from safelight.governance.watch.thresholds import (
    CLOCK_STEP,
    NO_CHECKPOINT_FOR,
    SEVERITY,
    Code,
)
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import Outcome
from safelight.platform.audit.verify import Finding as Verified
from safelight.platform.audit.verify import verify_trail
from safelight.platform.audit.watching import unsigned_since
from safelight.platform.database.visitors import Visitor, visitors

_ONE_MOMENT: Final = 0.1  # seconds
_PATIENCE: Final = timedelta(seconds=30)


def clock_step(before: tuple[datetime, float], now: tuple[datetime, float]) -> timedelta:
    """Return how far the machine's clock went beside the steady one, between two readings."""
    wall, steady = now[0] - before[0], timedelta(seconds=now[1] - before[1])
    return abs(wall - steady)


@dataclass(slots=True)
class Checks:
    """What one worker saw at its last look; a worker that begins has seen nothing yet."""

    read: tuple[datetime, float] | None = None
    unsigned_from: float | None = None
    known: set[Visitor] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def clock(self, now: tuple[datetime, float], *, at: datetime) -> Finding | None:
        """Find a step of the machine's clock of more than two seconds."""
        before, self.read = self.read, now
        if before is None or clock_step(before, now) <= CLOCK_STEP:
            return None
        return _broken("clock-step", at, at)

    def signing(self, since: datetime | None, steady: float, *, at: datetime) -> Finding | None:
        """Find that entries have waited for a signature for five minutes, and still do.

        A worker that has just begun lets the sequencer come first.
        """
        if since is None or at - since <= NO_CHECKPOINT_FOR:
            self.unsigned_from = None
            return None
        if self.unsigned_from is None:
            self.unsigned_from = steady
        if steady - self.unsigned_from < _PATIENCE.total_seconds():
            return None
        return _broken("no-checkpoint", since, at)

    def database(self, *, at: datetime) -> int:
        """Put each visitor in the databases on record once, and say how many are new."""
        now = set(visitors())
        new, self.known = now - self.known, now
        for each in sorted(new, key=lambda visitor: (visitor.store, visitor.process)):
            with transaction.atomic():
                record(
                    WatchEvent.DATABASE_TOUCHED,
                    actor="system",
                    subject=f"database/{each.store}",
                    outcome=Outcome.FAILED,
                    reason=f"process:{each.process}",
                    detail={"who": each.who, "since": each.since},
                    at=at,
                )
        return len(new)


checks = Checks()


def look_beside(*, at: datetime) -> list[Finding]:
    """Do all checks of one turn; what is on record is found by reading the record."""
    with checks.lock:
        checks.database(at=at)
        found = (
            checks.clock(_both_clocks(), at=at),
            checks.signing(unsigned_since(), monotonic(), at=at),
        )
    return [each for each in found if each is not None]


def verify(*, by: str = "system", witnesses: Sequence[str] = (), at: datetime) -> Verified:
    """Check the whole record, put on record who did so and what came of it, and say it."""
    finding = verify_trail(witnesses=witnesses)
    with transaction.atomic():
        record(
            WatchEvent.TRAIL_VERIFIED,
            actor=by,
            outcome=Outcome.OK if finding.is_whole else Outcome.FAILED,
            count=finding.size,
            at=at,
        )
    return finding


def _both_clocks() -> tuple[datetime, float]:
    """Read both clocks at one moment, however busy the machine is."""
    while True:
        before, wall, after = monotonic(), datetime.now(UTC), monotonic()
        if after - before < _ONE_MOMENT:
            return wall, before


def _broken(form: str, first: datetime, last: datetime) -> Finding:
    return Finding(
        rule=Code.TRAIL,
        key=INSTANCE,
        form=form,
        count=1,
        severity=SEVERITY[Code.TRAIL],
        first_at=first,
        last_at=last,
    )
