"""Does real work survive real workers: killed, slow, stuck, two at a time?"""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.server

PLANTED = "ZZPLANTED^JANE"
# Tasks write what they do into a file beside the database: one line a start or end.
_TASKS = f"""
import os, signal, time
from datetime import timedelta
from pathlib import Path
from django.conf import settings
from safelight.platform.jobs.errors import GiveUpError
from safelight.platform.jobs.registry import task
from safelight.platform.jobs.worker import Worker, stop_on_signals
from safelight.platform.jobs import registry

SOON = timedelta(milliseconds=200)
def say(word):
    with Path(settings.SAFELIGHT_DATA, "said").open("a") as file:
        file.write(f"{{word}}\\n")

@task("test.quick", first_wait=SOON)
def quick(number: int):
    say(f"quick {{number}}")

@task("test.slow", first_wait=SOON)
def slow(seconds: int):
    say("slow begins")
    time.sleep(seconds)
    say("slow ends")

@task("test.deadly", max_attempts=3, first_wait=SOON)
def deadly():
    say("deadly begins")
    os.kill(os.getpid(), signal.SIGKILL)

@task("test.failing", max_attempts=2, first_wait=SOON)
def failing():
    say("failing")
    raise ValueError("{PLANTED}")

@task("test.hopeless", first_wait=SOON)
def hopeless():
    say("hopeless")
    raise GiveUpError("{PLANTED}")

@task("test.endless", max_attempts=2, first_wait=SOON, time_limit=timedelta(seconds=1))
def endless():
    say("endless begins")
    while True:
        time.sleep(0.05)

@task("test.stuck", max_attempts=1, first_wait=SOON, time_limit=timedelta(seconds=1))
def stuck():
    say("stuck begins")
    time.sleep(600)
"""
_WORK = (
    _TASKS
    + """
import logging, sys
logging.basicConfig(stream=sys.stderr)
from safelight.platform.jobs import worker
worker.STUCK_AFTER = 1.0
stop = stop_on_signals()
{calls}
Worker(stop, threads=2, lease=timedelta(seconds={lease}), exits_when_stuck=True).run()
"""
)


def start_worker(instance: Any, *calls: str, lease: float = 2) -> Any:  # noqa: ANN401
    """Start a worker that first makes the jobs of `calls`."""
    code = _WORK.replace("{lease}", str(lease)).replace("{calls}", "\n".join(calls))
    return instance.start(code)


def said(instance: Any) -> list[str]:  # noqa: ANN401
    path = instance.folder / "data" / "said"
    return path.read_text().splitlines() if path.exists() else []


def states(instance: Any) -> list[tuple[str, str, int]]:  # noqa: ANN401
    database = instance.database()
    try:
        rows: list[tuple[str, str, int]] = database.execute(
            "SELECT state, error, attempts FROM jobs_job"
            " WHERE name LIKE 'test.%' ORDER BY created_at"
        ).fetchall()
    finally:
        database.close()
    return rows


def until(holds: Callable[[], bool], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.05)


def test_work_of_a_killed_worker_is_done_by_another(instance: Any) -> None:  # noqa: ANN401
    first = start_worker(instance, "slow.enqueue(seconds=3)")
    until(lambda: said(instance) == ["slow begins"])
    first.kill()
    first.wait()
    start_worker(instance)
    until(lambda: states(instance) == [("done", "", 2)])
    assert said(instance) == ["slow begins", "slow begins", "slow ends"]


def test_a_task_that_kills_its_worker_ends_as_a_dead_letter(instance: Any) -> None:  # noqa: ANN401
    for calls in (["deadly.enqueue()"], [], []):
        worker = start_worker(instance, *calls, lease=1)
        until(lambda worker=worker: worker.poll() is not None)  # type: ignore[misc]
        assert worker.returncode == -signal.SIGKILL
    start_worker(instance, lease=1)
    until(lambda: states(instance) == [("dead", "lost", 3)])
    assert said(instance) == ["deadly begins"] * 3


def test_a_task_longer_than_its_lease_runs_once(instance: Any) -> None:  # noqa: ANN401
    start_worker(instance, "slow.enqueue(seconds=7)", lease=2)
    start_worker(instance, lease=2)
    until(lambda: states(instance) == [("done", "", 1)])
    assert said(instance) == ["slow begins", "slow ends"]


def test_two_workers_do_each_job_once(instance: Any) -> None:  # noqa: ANN401
    for first in (0, 100):
        calls = f"for number in range({first}, {first + 100}): quick.enqueue(number=number)"
        start_worker(instance, calls, lease=30)
    until(lambda: [state for state, _, _ in states(instance)] == ["done"] * 200, 90)
    assert sorted(said(instance)) == sorted(f"quick {number}" for number in range(200))


def test_failures_leave_their_class_and_nothing_of_their_text(instance: Any) -> None:  # noqa: ANN401
    worker = start_worker(instance, "failing.enqueue()", "hopeless.enqueue()")
    until(lambda: [state for state, _, _ in states(instance)] == ["dead", "dead"])
    assert states(instance) == [("dead", "ValueError", 2), ("dead", "GiveUpError", 1)]
    worker.send_signal(signal.SIGTERM)
    out, err = worker.communicate(timeout=30)
    assert "ValueError" in err
    assert PLANTED not in out + err
    for path in (instance.folder / "data").glob("*.sqlite3*"):
        assert PLANTED.encode() not in path.read_bytes()


def test_a_task_that_runs_too_long_is_stopped(instance: Any) -> None:  # noqa: ANN401
    worker = start_worker(instance, "endless.enqueue()")
    until(lambda: states(instance)[:1] == [("dead", "TimedOutError", 2)])
    assert worker.poll() is None
    assert said(instance).count("endless begins") == 2


def test_a_task_that_cannot_be_stopped_ends_its_process(instance: Any) -> None:  # noqa: ANN401
    worker = start_worker(instance, "stuck.enqueue()")
    until(lambda: worker.poll() is not None)
    assert worker.returncode == 70
    assert states(instance) == [("dead", "TimedOutError", 1)]


def test_a_worker_told_to_stop_finishes_what_it_has_and_takes_no_more(instance: Any) -> None:  # noqa: ANN401
    worker = start_worker(instance, "slow.enqueue(seconds=3)")
    until(lambda: said(instance) == ["slow begins"])
    worker.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    database = instance.database()
    # A second job, due now: the same row under another id.
    database.execute(
        "INSERT INTO jobs_job SELECT '00000000000000000000000000000000', 'test.quick', 1,"
        " '{\"number\": 1}', 'ready', run_at, 0, 1, 0, NULL, '', '', started_at, NULL, NULL"
        " FROM jobs_job WHERE name = 'test.slow'"
    )
    database.close()
    assert worker.wait(timeout=30) == 0
    assert states(instance) == [("done", "", 1), ("ready", "", 0)]
    assert said(instance) == ["slow begins", "slow ends"]


def test_names_that_nobody_knows_become_dead_letters(instance: Any) -> None:  # noqa: ANN401
    start_worker(
        instance,
        "@task('test.newer', version=2)\ndef newer(): pass",
        "newer.enqueue()",
        "from safelight.platform.jobs.models import Job",
        "Job.objects.update(name='test.gone')",
        "quick.enqueue(number=1)",
        "Job.objects.filter(name='test.quick').update(version=9)",
    )
    until(lambda: states(instance) == [("dead", "unknown-task", 1)] * 2)
    assert said(instance) == []


def test_two_workers_take_a_turn_of_a_schedule_once(instance: Any) -> None:  # noqa: ANN401
    for _ in range(2):
        start_worker(instance)
    database = instance.database()
    turns = "SELECT schedule, count(*) FROM jobs_tick GROUP BY schedule ORDER BY schedule"
    made = "SELECT name, count(*) FROM jobs_job GROUP BY name ORDER BY name"
    until(lambda: len(database.execute(made).fetchall()) >= 2)
    time.sleep(2)
    # One reading: a turn of a short schedule may come between two.
    with database:
        database.execute("BEGIN")
        assert database.execute(made).fetchall() == database.execute(turns).fetchall()
    database.close()


def test_a_worker_keeps_the_trail_in_order(instance: Any) -> None:  # noqa: ANN401
    start_worker(instance, "hopeless.enqueue()")
    database = instance.database()
    died = "SELECT count(*) FROM audit_entry WHERE kind = 'job.died' AND seq IS NOT NULL"
    until(lambda: database.execute(died).fetchone() == (1,))
    database.close()


def test_a_worker_told_to_end_at_any_instruction_hears_of_it(
    instance: Any,  # noqa: ANN401
) -> None:
    # As if the signal came while the main thread, on its way into waiting, has the lock.
    in_between = "import os; stop._cond.acquire(); os.kill(os.getpid(), 15); stop._cond.release()"
    worker = start_worker(instance, in_between)
    assert worker.wait(60) == 0
