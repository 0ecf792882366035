"""What became of work that failed for good? An operator looks, and decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Min

from safelight.kernel import clock
from safelight.platform.audit.actions import record
from safelight.platform.jobs.errors import JobStateError, JobUnknownError
from safelight.platform.jobs.events import JobEvent
from safelight.platform.jobs.models import Job, State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID


def dead_letters() -> Sequence[Job]:
    """Return the dead jobs, oldest first."""
    return list(Job.objects.filter(state=State.DEAD).order_by("finished_at"))


@transaction.atomic
def requeue(job_id: UUID, *, actor: str, at: datetime) -> None:
    """Let a dead job begin anew, with all its attempts.

    Raises:
        JobUnknownError: there is no such job.
        JobStateError: it is not dead.
    """
    job = _dead(job_id)
    Job.objects.filter(pk=job.pk).update(state=State.READY, run_at=at, attempts=0, error="")
    record(JobEvent.REQUEUED, actor=actor, at=at, subject=f"job/{job_id}", reason=job.name)


@transaction.atomic
def discard(job_id: UUID, *, actor: str, at: datetime) -> None:
    """Delete a dead job. Raises like `requeue`."""
    job = _dead(job_id)
    record(JobEvent.DISCARDED, actor=actor, at=at, subject=f"job/{job_id}", reason=job.name)
    job.delete()


def figures() -> dict[str, float]:
    """Return what an operator watches: jobs by state, and the age of the oldest due in seconds."""
    at = clock.now()
    counted = Job.objects.values_list("state").annotate(Count("pk"))
    oldest = Job.objects.filter(state=State.READY, run_at__lte=at).aggregate(at=Min("run_at"))["at"]
    return {
        **{state.value: 0.0 for state in State},
        **{state: float(count) for state, count in counted},
        "oldest_due_seconds": (at - oldest).total_seconds() if oldest else 0.0,
    }


def _dead(job_id: UUID) -> Job:
    job = Job.objects.select_for_update().filter(pk=job_id).first()
    if job is None:
        raise JobUnknownError
    if job.state != State.DEAD:
        raise JobStateError
    return job
