"""How does the instance's health become numbers that a monitoring program reads?

Counts, sizes and ages, under names and labels that are written here. What is not known is
left out: no number is better than one that says nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from safelight.governance.health.queries import state_now
from safelight.governance.health.rules import Mark, gauges
from safelight.governance.health.state import Done, State
from safelight.kernel import clock

_KEPT_FOR: Final = timedelta(seconds=15)
_VALUES: Final = {Mark.GOOD: 0.0, Mark.UNKNOWN: 1.0, Mark.LOOK: 1.0, Mark.BAD: 2.0}


class HealthCollector(Collector):
    """Reads the instance's state anew for a question, at most every fifteen seconds."""

    def __init__(self, read: Callable[[datetime], State] = lambda at: state_now(at=at)) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._state: State | None = None

    def collect(self) -> Iterator[Metric]:
        """Yield the numbers."""
        at = clock.now()
        with self._lock:
            if self._state is None or at - self._state.at >= _KEPT_FOR:
                self._state = self._read(at)
            state = self._state
        yield from _numbers(state)
        yield from _marks(state)


def _numbers(state: State) -> Iterator[Metric]:
    room, queue, record = state.room, state.queue, state.record
    yield _one("stored_objects", "Objects that are stored", room.objects)
    yield _one("stored_bytes", "Bytes of packs that objects take", room.used)
    if room.free is not None:
        yield _one("free_bytes", "Bytes that are free where packs are written", room.free)
    sizes = GaugeMetricFamily(
        "safelight_database_bytes", "Size of a database", labels=("database",)
    )
    for alias, size in state.databases.items():
        sizes.add_metric((alias,), size)
    yield sizes
    jobs = GaugeMetricFamily("safelight_jobs", "Jobs, by state", labels=("state",))
    for name, count in (
        ("waiting", queue.waiting),
        ("running", queue.running),
        ("dead", queue.dead),
    ):
        jobs.add_metric((name,), count)
    yield jobs
    oldest = queue.oldest_due.total_seconds()
    yield _one("oldest_job_seconds", "How long the oldest due job has waited", oldest)
    yield _one("mails_waiting", "Messages that wait to be sent", queue.mails_waiting)
    yield _one("quarantined_objects", "Objects kept back as damaged", state.stored.in_quarantine)
    yield _one("audit_entries", "Entries of the record in order", record.size)
    yield _one("audit_waiting", "Entries that wait for their place", record.waiting)
    lag = (state.at - record.oldest_waiting).total_seconds() if record.oldest_waiting else 0.0
    yield _one("audit_lag_seconds", "How long the oldest entry has waited for its place", lag)
    if record.checkpoint_at is not None:
        yield _aged(
            "checkpoint_age_seconds", "Age of the last checkpoint", record.checkpoint_at, state
        )
    for name, words, done in (
        ("backup_age_seconds", "Age of the last good backup", state.backup),
        ("drill_age_seconds", "Age of the last good restore drill", state.drill),
        ("verification_age_seconds", "Age of the last good verification", record.verified),
        ("witness_age_seconds", "Age of the last co-signed checkpoint", record.witnessed),
    ):
        yield from _done(name, words, done, state)
    if state.certificate_ends is not None:
        left = (state.certificate_ends - state.at) / timedelta(days=1)
        yield _one("certificate_days", "Days until the certificate ends", round(left, 2))


def _marks(state: State) -> Iterator[Metric]:
    marks = GaugeMetricFamily(
        "safelight_health", "0 good, 1 to be looked at, 2 bad", labels=("what",)
    )
    for each in gauges(state):
        marks.add_metric((each.key,), _VALUES[each.mark])
    yield marks


def _one(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"safelight_{name}", words, value=value)


def _aged(name: str, words: str, since: datetime, state: State) -> Metric:
    return _one(name, words, (state.at - since).total_seconds())


def _done(name: str, words: str, done: Done | None, state: State) -> Iterator[Metric]:
    if done is not None and done.went_well:
        yield _aged(name, words, done.at, state)
