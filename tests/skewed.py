"""Run the command line on a machine whose clock is wrong: so many seconds ahead as a file says.

Programs that fake the time of a whole process also fake its sleeps, which then fail. The
product asks for the time in one place only (tests/unit/kernel), and that place is given here.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from safelight.kernel import clock
from safelight.surfaces.cli.main import run

ahead = Path(sys.argv.pop(1))
clock._clock.wall = lambda: datetime.now(UTC) + timedelta(seconds=int(ahead.read_text() or 0))
run()
