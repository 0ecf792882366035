"""What time is it, as far as Safelight is concerned?

Every rule takes time as an argument; whoever must ask the world asks here. The
offset exists so that tests and the demo can live through a month in a moment:
it can be moved only where `allow_moving` was called at start.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from safelight.kernel.errors import ExpectedError


class ClockIsFixedError(ExpectedError):
    """This instance runs on real time; its clock cannot be moved."""

    code = "clock_is_fixed"


@dataclass(slots=True)
class _Clock:
    movable: bool = False
    offset: timedelta = timedelta(0)
    lock: threading.Lock = field(default_factory=threading.Lock)


_clock = _Clock()


def now() -> datetime:
    """Return the application's time, aware and in UTC."""
    return datetime.now(UTC) + _clock.offset


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
