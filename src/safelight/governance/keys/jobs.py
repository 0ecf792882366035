"""What is done about keys of its own accord? What is due, every few minutes."""

from __future__ import annotations

from datetime import timedelta

from safelight.governance.keys.rotating import rotate_due
from safelight.kernel import clock
from safelight.platform.jobs.registry import task
from safelight.platform.jobs.schedule import schedule


@task("keys.due", max_attempts=1, time_limit=timedelta(minutes=30))
def keys_due() -> None:
    """Replace what has served its time, go on with what was cut off, end what is over."""
    rotate_due(actor="system", at=clock.now())


schedule(keys_due, every=timedelta(minutes=10))
