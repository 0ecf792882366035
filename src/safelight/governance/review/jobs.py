"""When do the rules read on? Every five minutes."""

from __future__ import annotations

from datetime import timedelta

from safelight.governance.review.picking import pick_on
from safelight.governance.review.watching import forget_ended
from safelight.kernel import clock
from safelight.platform.jobs.registry import task
from safelight.platform.jobs.schedule import schedule


@task("review.pick", max_attempts=1, time_limit=timedelta(minutes=4))
def pick_for_review() -> None:
    """Pick what deserves a second look of what happened since the last turn."""
    at = clock.now()
    pick_on(at=at)
    forget_ended(at=at)


schedule(pick_for_review, every=timedelta(minutes=5))
