"""There is one application clock, and nothing else asks for the time."""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import safelight
from safelight.kernel import clock
from safelight.kernel.clock import ClockIsFixedError, _Clock

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
_SOURCE = Path(safelight.__file__).parent
_ASKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("timezone", "now"),
    ("time", "time"),
    ("time", "time_ns"),
}
# The age of a file is the disk's time, of an object in a bucket the store's, not the application's.
_FILES_OWN_TIME = {"platform/storage/sweep.py", "platform/storage/s3_store.py"}
# They ask whether the machine's own clock is right; a witness is a program of its own.
_THE_MACHINES = {
    "governance/watch/checks.py",
    "platform/audit/witness_server.py",
    "surfaces/cli/doctor/machine.py",
}


def askers(path: Path) -> Iterator[int]:
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if (owner, name) in _ASKS:
                yield node.lineno


def test_only_the_kernel_reads_the_time() -> None:
    found = {
        path.relative_to(_SOURCE).as_posix()
        for path in _SOURCE.rglob("*.py")
        if any(True for _ in askers(path))
    }
    assert found - _FILES_OWN_TIME - _THE_MACHINES == {"kernel/clock.py"}


def test_the_clock_moves_only_where_it_was_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock._clock, "movable", False)
    with pytest.raises(ClockIsFixedError):
        clock.move(timedelta(days=1))
    clock.allow_moving()
    before = clock.now()
    assert clock.move(timedelta(days=30)) - before >= timedelta(days=30)
    clock.reset()
    assert clock.now() - before < timedelta(days=1)


def test_time_goes_on_when_the_machines_clock_is_set_back() -> None:
    noon = datetime(2026, 5, 3, 12, tzinfo=UTC)
    walls, steadies = [noon, noon - HOUR, noon - HOUR, noon + HOUR], [10.0, 11.0, 13.5, 20.0]
    machine = _Clock(wall=lambda: walls.pop(0), steady=lambda: steadies.pop(0))
    told = [machine.now() for _ in range(4)]
    assert told == [noon, noon + SECOND, noon + 3.5 * SECOND, noon + HOUR]


def test_another_zone_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = clock.now()
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert timedelta(0) <= clock.now() - before < timedelta(minutes=1)
        assert clock.now().tzinfo is UTC
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_process_that_begins_goes_on_from_the_latest_act_on_record() -> None:
    noon = datetime(2026, 5, 3, 12, tzinfo=UTC)
    walls, steadies = [noon - HOUR, noon + HOUR, noon + HOUR], [10.0, 11.0, 12.0, 13.0]
    machine = _Clock(wall=lambda: walls.pop(0), steady=lambda: steadies.pop(0))
    machine.not_before(noon)
    machine.not_before(noon - HOUR)
    assert machine.now() == noon + SECOND
    assert machine.now() == noon + HOUR
    machine.not_before(noon)
    assert machine.now() == noon + HOUR


def test_an_idle_process_goes_back_no_more_than_the_one_that_saw_the_clock_ahead() -> None:
    told = memoryview(bytearray(8)).cast("d")
    told[0] = float("-inf")
    start, walls, steady = datetime(2026, 3, 1, tzinfo=UTC), [timedelta(0)], [100.0]
    busy, idle = (
        _Clock(wall=lambda: start + walls[0], steady=lambda: steady[0], ahead=told) for _ in "ab"
    )
    assert busy.now() == idle.now() == start
    walls[0], steady[0] = HOUR, 101.0
    assert busy.now() == start + HOUR
    walls[0], steady[0] = SECOND, 102.0
    assert abs(idle.now() - (start + HOUR + SECOND)) < timedelta(milliseconds=1)
    walls[0], steady[0] = 2 * HOUR, 103.0
    assert idle.now() == start + 2 * HOUR
