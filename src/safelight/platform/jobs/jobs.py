"""Which work is nobody else's? Forgetting what is done with."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from safelight.kernel import clock
from safelight.platform.database.copies import forget_copies
from safelight.platform.jobs.models import Job, State
from safelight.platform.jobs.registry import task
from safelight.platform.jobs.schedule import forget_ticks, schedule

KEPT_FOR = timedelta(days=7)


@task("jobs.prune")
def prune() -> None:
    """Delete jobs done a week ago, old ticks, and old copies of the databases.

    Dead letters stay until somebody decides.
    """
    forget_copies(settings.SAFELIGHT_DATA, at=clock.now())
    before = clock.now() - KEPT_FOR
    Job.objects.filter(state=State.DONE, finished_at__lt=before).delete()
    forget_ticks(before)


schedule(prune, every=timedelta(hours=1))
