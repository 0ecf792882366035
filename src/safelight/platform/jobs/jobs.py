"""Which work does the room have itself? Forgetting what is done with."""

from __future__ import annotations

from datetime import timedelta

from safelight.kernel import clock
from safelight.platform.jobs.models import Job, State
from safelight.platform.jobs.registry import task
from safelight.platform.jobs.schedule import forget_ticks, schedule

KEPT_FOR = timedelta(days=7)


@task("jobs.prune")
def prune() -> None:
    """Delete jobs done a week ago, and old ticks. Dead letters stay until somebody decides."""
    before = clock.now() - KEPT_FOR
    Job.objects.filter(state=State.DONE, finished_at__lt=before).delete()
    forget_ticks(before)


schedule(prune, every=timedelta(hours=1))
