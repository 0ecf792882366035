"""Does work wait, run, come back and end as it should?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.db import transaction
from django.db.models.functions import Now

from safelight.kernel import clock
from safelight.kernel.ids import new_id
from safelight.platform.audit.models import Entry
from safelight.platform.jobs import claims, registry
from safelight.platform.jobs.dead_letters import dead_letters, discard, figures, requeue
from safelight.platform.jobs.errors import (
    JobRefusedError,
    JobStateError,
    JobUnknownError,
    TaskNameTakenError,
)
from safelight.platform.jobs.events import JobEvent
from safelight.platform.jobs.jobs import prune
from safelight.platform.jobs.models import Job, State, Tick
from safelight.platform.jobs.registry import Task, task, task_named
from safelight.platform.jobs.schedule import Missed, Schedule, _due, enqueue_due

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
LEASE = timedelta(seconds=30)
OPERATOR = "account/operator"


@task("test.note", max_attempts=3, first_wait=timedelta(seconds=10))
def note(study_id: UUID, count: int = 0) -> None:
    """Do nothing that a test would have to undo."""
    assert isinstance(study_id, UUID)
    assert isinstance(count, int)


@pytest.fixture(autouse=True)
def _movable_clock() -> Iterator[None]:
    clock.allow_moving()
    yield
    clock.reset()


def taken() -> claims.Claim:
    claim = claims.claim("w1", lease=LEASE)
    assert claim is not None
    return claim


def test_a_job_holds_ids_and_runs_with_them() -> None:
    study_id = new_id()
    note.enqueue(study_id=study_id, count=3)
    claim = taken()
    assert claim.ids == {"study_id": str(study_id), "count": 3}
    task_named(claim.name, claim.version).run(claim.ids)
    assert claims.finish(claim)
    assert Job.objects.get().state == State.DONE


@pytest.mark.parametrize(
    "ids",
    [{"study_id": "DOE^JANE"}, {"study_id": "jane@example.org"}, {"patient": "x"}, {}],
)
def test_a_job_is_refused_that_holds_more_than_ids(ids: dict[str, Any]) -> None:
    with pytest.raises(JobRefusedError) as refusal:
        note.enqueue(**ids)
    assert "ane" not in str(refusal.value).lower()
    assert not Job.objects.exists()


@pytest.mark.django_db(databases=["default", "keys"], transaction=True)
def test_a_job_of_an_act_that_is_undone_does_not_exist() -> None:
    def act_that_fails() -> None:
        with transaction.atomic():
            note.enqueue(study_id=new_id())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act_that_fails()
    assert claims.claim("w1", lease=LEASE) is None


def test_a_job_is_claimed_once_and_not_before_its_time() -> None:
    note.enqueue(study_id=new_id(), run_after=clock.now() + timedelta(hours=1))
    assert claims.claim("w1", lease=LEASE) is None
    clock.move(timedelta(hours=1))
    assert taken().attempts == 1
    assert claims.claim("w2", lease=LEASE) is None


def test_jobs_are_taken_in_the_order_they_are_due() -> None:
    later = note.enqueue(study_id=new_id(), run_after=clock.now() - timedelta(seconds=1))
    sooner = note.enqueue(study_id=new_id(), run_after=clock.now() - timedelta(seconds=9))
    assert [taken().job_id, taken().job_id] == [sooner, later]


def test_a_failed_attempt_waits_longer_each_time_and_the_last_one_is_dead() -> None:
    note.enqueue(study_id=new_id())
    for wait in (10, 20):
        failed_at = clock.now()
        assert claims.fail(taken(), "ValueError")
        waits = (Job.objects.get().run_at - failed_at).total_seconds()
        assert wait * 0.8 <= waits <= wait * 1.2 + 1
        assert Job.objects.get().state == State.READY
        clock.move(timedelta(seconds=30))
    assert claims.fail(taken(), "ValueError")
    job = Job.objects.get()
    assert (job.state, job.attempts, job.error) == (State.DEAD, 3, "ValueError")
    assert Entry.objects.get().kind == JobEvent.DIED


def test_waits_are_capped() -> None:
    assert note.wait(500) <= timedelta(hours=1) * 1.2


def test_a_lost_lease_is_taken_back_and_the_late_result_discarded() -> None:
    note.enqueue(study_id=new_id())
    lost = taken()
    assert claims.reap() == 0
    Job.objects.update(lease_until=Now() - timedelta(seconds=1))
    assert claims.reap() == 1
    assert Job.objects.get().error == claims.LOST
    assert not claims.finish(lost)
    assert not claims.fail(lost, "ValueError")
    assert not claims.renew(lost, lease=LEASE)
    clock.move(timedelta(minutes=1))
    again = taken()
    assert not claims.finish(lost)
    assert claims.finish(again)


def test_a_renewed_lease_is_not_taken_back() -> None:
    note.enqueue(study_id=new_id())
    claim = taken()
    Job.objects.update(lease_until=Now() - timedelta(seconds=1))
    assert claims.renew(claim, lease=LEASE)
    assert claims.reap() == 0


def test_a_job_that_ends_its_workers_ends_as_a_dead_letter() -> None:
    note.enqueue(study_id=new_id())
    for _ in range(3):
        taken()
        Job.objects.update(lease_until=Now() - timedelta(seconds=1))
        claims.reap()
        clock.move(timedelta(minutes=2))
    job = Job.objects.get()
    assert (job.state, job.error, job.attempts) == (State.DEAD, claims.LOST, 3)


def test_an_operator_puts_a_dead_letter_back_or_discards_it_and_both_are_recorded() -> None:
    one, two = note.enqueue(study_id=new_id()), note.enqueue(study_id=new_id())
    for _ in range(2):
        claims.fail(taken(), "GiveUpError", for_good=True)
    assert {job.job_id for job in dead_letters()} == {one, two}
    assert figures()["dead"] == 2

    requeue(one, actor=OPERATOR, at=clock.now())
    assert taken().attempts == 1
    discard(two, actor=OPERATOR, at=clock.now())
    assert dead_letters() == []
    kinds = Entry.objects.filter(actor=OPERATOR).values_list("kind", "subject")
    assert set(kinds) == {
        (JobEvent.REQUEUED.value, f"job/{one}"),
        (JobEvent.DISCARDED.value, f"job/{two}"),
    }
    with pytest.raises(JobStateError):
        discard(one, actor=OPERATOR, at=clock.now())
    with pytest.raises(JobUnknownError):
        requeue(two, actor=OPERATOR, at=clock.now())


def test_an_operator_sees_how_long_the_oldest_job_has_been_due() -> None:
    assert figures()["oldest_due_seconds"] == 0
    note.enqueue(study_id=new_id(), run_after=clock.now() - timedelta(seconds=90))
    assert 90 <= figures()["oldest_due_seconds"] < 95


def test_what_is_done_is_forgotten_after_a_week_and_what_is_dead_is_not() -> None:
    for state in State:
        job_id = note.enqueue(study_id=new_id())
        Job.objects.filter(pk=job_id).update(state=state, finished_at=clock.now())
    clock.move(timedelta(days=8))
    prune.function()
    assert set(Job.objects.values_list("state", flat=True)) == {"ready", "running", "dead"}


def test_a_name_is_taken_once_and_looks_like_a_name() -> None:
    with pytest.raises(TaskNameTakenError):
        task("test.note")(print)
    with pytest.raises(JobRefusedError):
        task("Not A Name")


NIGHTLY = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


def nightly(missed: Missed) -> Schedule:
    return Schedule("test.note", note, timedelta(days=1), timedelta(hours=3), missed)


def test_a_turn_is_the_latest_one_that_is_over() -> None:
    planned = nightly(Missed.SKIPPED)
    assert planned.turn_at(NIGHTLY) == NIGHTLY
    assert planned.turn_at(NIGHTLY - timedelta(seconds=1)) == NIGHTLY - timedelta(days=1)
    assert planned.turn_at(NIGHTLY + timedelta(hours=23)) == NIGHTLY


@pytest.mark.parametrize(("missed", "turns"), [(Missed.SKIPPED, 1), (Missed.MADE_UP_FOR, 3)])
def test_missed_turns_are_skipped_or_made_up_for(missed: Missed, turns: int) -> None:
    planned = nightly(missed)
    Tick.objects.create(schedule=planned.name, at=NIGHTLY)
    due = list(_due(planned, NIGHTLY + timedelta(days=3, hours=1)))
    assert due == [NIGHTLY + timedelta(days=day) for day in (1, 2, 3)][-turns:]


def test_a_turn_is_taken_once() -> None:
    at = clock.now()
    made = enqueue_due(at)
    assert made >= 1
    assert enqueue_due(at) == 0
    assert Job.objects.count() == made == Tick.objects.count()


def test_a_task_keeps_its_promises_where_it_was_registered() -> None:
    assert isinstance(note, Task)
    assert registry.task_named("test.note", 1) is note
