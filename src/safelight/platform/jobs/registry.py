"""Which work can be done later, and how patient are we with it?

A room writes its tasks in its `jobs.py`; names are stable words, never import
paths, because rows outlive code.
"""

from __future__ import annotations

import inspect
import random
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, get_type_hints
from uuid import UUID

from django.utils.module_loading import autodiscover_modules

from safelight.kernel import clock
from safelight.platform.database.writing import insert
from safelight.platform.jobs.errors import JobRefusedError, TaskNameTakenError, UnknownTaskError
from safelight.platform.jobs.models import Job, State

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
# An id, a number or a code: no spaces, no "@", no "^", so neither a name nor an address.
_VALUE = re.compile(r"[0-9A-Za-z_.:/-]{0,128}")
_JITTER = 0.2


@dataclass(frozen=True, slots=True)
class Task:
    """One sort of work. `time_limit` is hard; attempts are counted when they begin."""

    name: str
    function: Callable[..., None]
    version: int
    max_attempts: int
    first_wait: timedelta
    longest_wait: timedelta
    time_limit: timedelta

    def enqueue(self, *, run_after: datetime | None = None, **ids: str | int | UUID) -> UUID:
        """Put one job into the caller's transaction and return its id.

        The job runs at least once after commit (not before `run_after`), so the
        task must bear being run twice.

        Raises:
            JobRefusedError: the task has no such parameter, or a value is not an id.
        """
        try:
            _signature(self.function).bind(**ids)
        except TypeError:
            raise JobRefusedError from None
        at = clock.now()
        job = Job(
            name=self.name,
            version=self.version,
            ids={name: _plain(value) for name, value in ids.items()},
            run_at=run_after or at,
            max_attempts=self.max_attempts,
            created_at=at,
        )
        insert([job])
        return job.job_id

    def is_under_way(self, **ids: str | int | UUID) -> bool:
        """Say whether a job for these ids waits or runs; what failed for good does neither."""
        named = {f"ids__{name}": _plain(value) for name, value in ids.items()}
        return Job.objects.filter(
            name=self.name, state__in=(State.READY, State.RUNNING), **named
        ).exists()

    def run(self, ids: dict[str, Any]) -> None:
        """Do the work for `ids` as they lie in the row."""
        hints = get_type_hints(self.function)
        self.function(
            **{
                name: UUID(value) if hints.get(name) is UUID else value
                for name, value in ids.items()
            }
        )

    def wait(self, attempts: int) -> timedelta:
        """Return how long to wait after so many attempts: doubled each time, capped, jittered."""
        doubled = self.first_wait * (1 << min(attempts - 1, 30))
        jitter = 1 + random.uniform(-_JITTER, _JITTER)  # noqa: S311 (spreads load, guards nothing)
        return min(doubled, self.longest_wait) * jitter


_tasks: dict[str, Task] = {}
_signature = cache(inspect.signature)


def task(
    name: str,
    *,
    version: int = 1,
    max_attempts: int = 8,
    first_wait: timedelta = timedelta(seconds=5),
    longest_wait: timedelta = timedelta(hours=1),
    time_limit: timedelta = timedelta(minutes=10),
) -> Callable[[Callable[..., None]], Task]:
    """Register a function as a task, e.g. `@task("series.thumbnails")`.

    Its parameters are ids: `UUID`, `int` or `str`. A row of a newer `version` than
    the code's is not run.

    Raises:
        TaskNameTakenError: another task has this name.
    """
    if _NAME.fullmatch(name) is None:
        raise JobRefusedError(f"{name!r} is not a task's name")

    def register(function: Callable[..., None]) -> Task:
        if name in _tasks:
            raise TaskNameTakenError(name)
        made = Task(name, function, version, max_attempts, first_wait, longest_wait, time_limit)
        _tasks[name] = made
        return made

    return register


def learn_tasks() -> None:
    """Read every room's `jobs.py`, as a worker does at start. To enqueue, a task is enough."""
    autodiscover_modules("jobs")


def task_named(name: str, version: int) -> Task:
    """Return the task for a row.

    Raises:
        UnknownTaskError: there is none, or only an older one.
    """
    found = _tasks.get(name)
    if found is None or found.version < version:
        raise UnknownTaskError(name)
    return found


def _plain(value: str | int | UUID) -> str | int:
    if isinstance(value, int):
        return value
    if _VALUE.fullmatch(str(value)) is None:
        raise JobRefusedError
    return str(value)
