"""When is the record sent on? Every minute, where a repository is configured."""

from __future__ import annotations

from datetime import timedelta

from safelight.governance.trail.spool import send_on
from safelight.kernel import clock
from safelight.platform.jobs.registry import task
from safelight.platform.jobs.schedule import schedule


@task("trail.send-on", max_attempts=1, time_limit=timedelta(minutes=20))
def send_to_repository() -> None:
    """Send what the repository lacks."""
    send_on(at=clock.now())


schedule(send_to_repository, every=timedelta(minutes=1))
