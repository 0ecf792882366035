"""What time is it, as far as Safelight is concerned?

Every rule takes time as an argument; whoever must ask the world asks here. The
offset exists so that tests and the demo can live through a month in a moment:
it can be moved only where `allow_moving` was called at start.

While a process runs, its time never goes back: when the machine's clock is set back, what has
ended stays ended, and the time goes on by the steady clock until the machine's has caught up.
Processes of one family tell one another how late it was, so that one that was idle while the
clock was ahead goes back no more than the others.
"""

from __future__ import annotations

import mmap
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic

from safelight.kernel.errors import ExpectedError

_SET_BACK = 0.5
"""So many seconds behind the others a process must be before it goes by them: of less its own
reading of two clocks, one after the other, may be the cause."""


class ClockIsFixedError(ExpectedError):
    """This instance runs on real time; its clock cannot be moved."""

    code = "clock_is_fixed"


@dataclass(slots=True)
class _Clock:
    movable: bool = False
    offset: timedelta = timedelta(0)
    lock: threading.Lock = field(default_factory=threading.Lock)
    wall: Callable[[], datetime] = field(default=partial(datetime.now, UTC))
    steady: Callable[[], float] = monotonic
    seen: tuple[datetime, float] = (datetime.min.replace(tzinfo=UTC), 0.0)
    ahead: memoryview[float] | None = None
    """By how many seconds the time of the family is ahead of the steady clock: one double."""

    def not_before(self, moment: datetime) -> None:
        """Go on from `moment` where the machine's time is behind it."""
        if moment > self.seen[0]:
            self.seen = (moment, self.steady())

    def now(self) -> datetime:
        """Return the machine's time, or where it would be had it not been set back."""
        wall, steady = self.wall(), self.steady()
        latest, then = self.seen
        if wall < latest:
            wall = max(wall, latest + timedelta(seconds=steady - then))
        if self.ahead is not None:
            wall = self._with_the_others(wall, steady, self.ahead)
        self.seen = (wall, steady)
        return wall

    def _with_the_others(self, wall: datetime, steady: float, ahead: memoryview[float]) -> datetime:
        mine = wall.timestamp() - steady
        if ahead[0] - mine > _SET_BACK:
            return datetime.fromtimestamp(ahead[0] + steady, UTC)
        ahead[0] = max(ahead[0], mine)  # eight bytes at once: nobody reads half of it
        return wall


_clock = _Clock()


def now() -> datetime:
    """Return the application's time, aware and in UTC."""
    return _clock.now() + _clock.offset


def not_before(moment: datetime) -> None:
    """Let the time of this process go on from `moment`, where the machine's is behind it.

    For a process that begins: what had ended by the latest act on record stays ended, though
    the machine's clock was set back meanwhile.
    """
    _clock.not_before(moment)


def share() -> None:
    """Have the processes that are forked from this one go by one time, which never goes back."""
    told = memoryview(mmap.mmap(-1, mmap.PAGESIZE)).cast("d")
    told[0] = float("-inf")
    _clock.ahead = told


def offset() -> timedelta:
    """Return how far the application's time is from real time; zero unless it was moved."""
    return _clock.offset


def allow_moving() -> None:
    """Let this process move its clock. Called by the demo and by tests, never by `serve`."""
    _clock.movable = True


def move(by: timedelta) -> datetime:
    """Move the application's time and return it.

    Raises:
        ClockIsFixedError: `allow_moving` was not called in this process.
    """
    if not _clock.movable:
        raise ClockIsFixedError
    with _clock.lock:
        _clock.offset += by
    return now()


def reset() -> None:
    """Return to real time."""
    _clock.offset = timedelta(0)
