"""Who works on what, and what becomes of it?

Every change of a running job names the epoch of its claim. No row changed means
that the lease was lost to another worker: the result is discarded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from safelight.kernel import clock
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import Outcome
from safelight.platform.jobs.errors import UnknownTaskError
from safelight.platform.jobs.events import JobEvent
from safelight.platform.jobs.models import Job, State
from safelight.platform.jobs.registry import task_named

if TYPE_CHECKING:
    from datetime import timedelta
    from uuid import UUID

    from django.db.models import QuerySet

LOST = "lost"
UNKNOWN = "unknown-task"


@dataclass(frozen=True, slots=True)
class Claim:
    """One attempt at one job."""

    job_id: UUID
    epoch: int
    name: str
    version: int
    ids: dict[str, Any]
    attempts: int
    max_attempts: int


def claim(worker: str, *, lease: timedelta) -> Claim | None:
    """Take the job that has been due longest, or None. The attempt counts from here."""
    at = clock.now()
    due = Job.objects.filter(state=State.READY, run_at__lte=at).order_by("run_at", "created_at")
    if not due.exists():
        return None  # a plain read: an idle worker takes no write lock
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        job = due.first()
        if job is None:
            return None
        won = Job.objects.filter(pk=job.pk, state=State.READY, epoch=job.epoch).update(
            state=State.RUNNING,
            epoch=F("epoch") + 1,
            attempts=F("attempts") + 1,
            lease_until=Now() + lease,
            worker=worker,
            started_at=at,
        )
        if not won:
            return None
    before = _claim_of(job)
    return replace(before, epoch=before.epoch + 1, attempts=before.attempts + 1)


def renew(taken: Claim, *, lease: timedelta) -> bool:
    """Keep a job for another lease. No means that it is somebody else's now."""
    return bool(_held(taken).update(lease_until=Now() + lease))


def finish(taken: Claim) -> bool:
    """Write that a job is done. No means that the lease was lost: discard the result."""
    return bool(
        _held(taken).update(state=State.DONE, lease_until=None, error="", finished_at=clock.now())
    )


def fail(taken: Claim, error: str, *, for_good: bool = False) -> bool:
    """Write that an attempt failed: again later, or dead. `error` is a class, never its text."""
    is_last = for_good or taken.attempts >= taken.max_attempts
    with transaction.atomic():
        return _end_attempt(_held(taken), taken, error, is_last=is_last)


def reap() -> int:
    """Take back the jobs whose lease has run out, and return how many."""
    expired = Job.objects.filter(state=State.RUNNING, lease_until__lt=Now())
    taken_back = 0
    for job in list(expired):
        lost = _claim_of(job)
        with transaction.atomic():
            # The lease is looked at again in the same statement: it may have been renewed.
            still = expired.filter(pk=job.pk, epoch=job.epoch)
            is_last = lost.attempts >= lost.max_attempts
            taken_back += _end_attempt(still, lost, LOST, is_last=is_last)
    return taken_back


def _end_attempt(held: QuerySet[Job], taken: Claim, error: str, *, is_last: bool) -> bool:
    at = clock.now()
    if not is_last:
        try:
            wait = task_named(taken.name, taken.version).wait(taken.attempts)
        except UnknownTaskError:
            is_last, error = True, UNKNOWN
        else:
            again = held.update(state=State.READY, run_at=at + wait, lease_until=None, error=error)
            return bool(again)
    died = held.update(state=State.DEAD, lease_until=None, error=error, finished_at=at)
    if died:
        record(
            JobEvent.DIED,
            actor="system",
            at=at,
            subject=f"job/{taken.job_id}",
            outcome=Outcome.FAILED,
            reason=taken.name,
        )
    return bool(died)


def _held(taken: Claim) -> QuerySet[Job]:
    return Job.objects.filter(pk=taken.job_id, state=State.RUNNING, epoch=taken.epoch)


def _claim_of(job: Job) -> Claim:
    return Claim(job.pk, job.epoch, job.name, job.version, job.ids, job.attempts, job.max_attempts)
