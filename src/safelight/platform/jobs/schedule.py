"""What is to be done again and again, and once only each time?

Each turn of a schedule is a row (schedule, time) that is inserted together with its
job: whichever worker comes first makes the job, the others find the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from safelight.platform.jobs.models import Tick

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safelight.platform.jobs.registry import Task

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MOST_MISSED = 100


class Missed(Enum):
    """What becomes of turns at which no worker was running."""

    SKIPPED = auto()
    MADE_UP_FOR = auto()


@dataclass(frozen=True, slots=True)
class Schedule:
    """A task without parameters, run each `every`, `offset` after the round hour or day (UTC)."""

    name: str
    task: Task
    every: timedelta
    offset: timedelta
    missed: Missed

    def turn_at(self, at: datetime) -> datetime:
        """Return the latest turn that is not after `at`."""
        return at - (at - _EPOCH - self.offset) % self.every


_schedules: dict[str, Schedule] = {}


def schedule(
    task: Task,
    *,
    every: timedelta,
    offset: timedelta = timedelta(0),
    missed: Missed = Missed.SKIPPED,
) -> Schedule:
    """Run a task again and again, under its own name."""
    made = Schedule(task.name, task, every, offset, missed)
    _schedules[made.name] = made
    return made


def enqueue_due(at: datetime) -> int:
    """Make the jobs of all turns that are due and not taken, and return how many."""
    return sum(
        _take(planned, turn) for planned in _schedules.values() for turn in _due(planned, at)
    )


def forget_ticks(before: datetime) -> None:
    """Delete old ticks; the newest of each schedule stays, to know what was missed."""
    for name in _schedules:
        newest = Tick.objects.filter(schedule=name).order_by("-at").first()
        if newest is not None:
            Tick.objects.filter(schedule=name, at__lt=min(before, newest.at)).delete()


def _due(planned: Schedule, at: datetime) -> Iterator[datetime]:
    turn = planned.turn_at(at)
    newest = Tick.objects.filter(schedule=planned.name).order_by("-at").first()
    if newest is not None and newest.at >= turn:
        return
    if newest is not None and planned.missed is Missed.MADE_UP_FOR:
        missed = min((turn - newest.at) // planned.every - 1, _MOST_MISSED)
        yield from (turn - planned.every * back for back in range(missed, 0, -1))
    yield turn


def _take(planned: Schedule, turn: datetime) -> int:
    try:
        with transaction.atomic():
            Tick.objects.create(schedule=planned.name, at=turn)
            planned.task.enqueue()
    except IntegrityError:
        return 0
    return 1
