"""Run the command line on a machine whose clock is wrong: so many seconds ahead as a file says.

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
    return datetime.now(UTC) + timedelta(seconds=float(ahead.read_text() or 0))


def set_up(set_prefix: bool = True) -> None:  # noqa: FBT001, FBT002 (as Django has it)
    """Set Django up, and let the watch look at that clock too."""
    _set_up(set_prefix=set_prefix)
    from safelight.governance.watch import checks  # noqa: PLC0415 (after Django)

    checks._both_clocks = lambda: (wall(), time.monotonic())


clock._clock.wall = wall
django.setup = set_up
run()
