"""Run the command line on a machine whose clock is wrong: so many seconds ahead as a file says.

With the word "lived" behind the number that time went by, and the watch sees no clock jump.

Programs that fake the time of a whole process also fake its sleeps, which then fail. The
product asks for the time in one place only (tests/unit/kernel), and that place is given here;
so is the one that asks whether the machine's clock jumps.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django

from safelight.kernel import clock
from safelight.surfaces.cli.main import run

ahead = Path(sys.argv.pop(1))
_set_up = django.setup


def wall() -> datetime:
    """Return what the machine's clock says."""
    return datetime.now(UTC) + timedelta(seconds=_ahead()[0])


def _ahead() -> tuple[float, bool]:
    """Return by how much, and whether that time went by as all time does: then nothing jumped."""
    said = ahead.read_text().split() or ["0"]
    return float(said[0]), "lived" in said


def _lived() -> float:
    seconds, is_lived = _ahead()
    return seconds if is_lived else 0.0


def set_up(set_prefix: bool = True) -> None:  # noqa: FBT001, FBT002 (as Django has it)
    """Set Django up, and let the watch look at that clock too."""
    _set_up(set_prefix=set_prefix)
    from safelight.governance.watch import checks  # noqa: PLC0415 (after Django)

    checks._both_clocks = lambda: (wall(), time.monotonic() + _lived())


clock._clock.wall = wall
django.setup = set_up
run()
