"""How often is it looked what is due? Every five minutes."""

from __future__ import annotations

from datetime import timedelta

from safelight.governance.deadlines.reminding import remind
from safelight.kernel import clock
from safelight.platform.jobs.registry import task
from safelight.platform.jobs.schedule import schedule


@task("deadlines.remind", max_attempts=1, time_limit=timedelta(minutes=4))
def remind_of_deadlines() -> None:
    """Remind of what is due soon, and tell of what is late."""
    remind(at=clock.now())


schedule(remind_of_deadlines, every=timedelta(minutes=5))
