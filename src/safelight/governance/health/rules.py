"""What of it is well, what should be looked at, and what is bad?

Each gauge names what was found by a code that is stable; pages and alerts have the words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from safelight.governance.health.state import Done, State

_GIB: Final = 1 << 30
_LEAST_ROOM: Final = 2 * _GIB
_LITTLE_ROOM: Final = 0.1  # of the disk
_WORKER_SEEN: Final = timedelta(minutes=15)
_LATE: Final = timedelta(minutes=10)
_MUCH_TOO_LATE: Final = timedelta(hours=1)
_BACKED_UP: Final = (timedelta(hours=26), timedelta(days=3))
_DRILLED: Final = (timedelta(days=35), timedelta(days=95))
_CERTIFICATE: Final = (timedelta(days=21), timedelta(days=7))
_SCRUBBED: Final = timedelta(days=62)
_PLACED: Final = timedelta(seconds=30)
_CHECKPOINT: Final = timedelta(minutes=15)
_VERIFIED: Final = (timedelta(days=2), timedelta(days=8))
_EXAMINED: Final = timedelta(days=8)
_WITNESSED: Final = (timedelta(hours=2), timedelta(days=1))


class Mark(StrEnum):
    """How something stands. Values are stable codes."""

    GOOD = "good"
    LOOK = "look"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Gauge:
    """One thing that is watched: what was found (`code`), how it stands, and the figures of it."""

    key: str
    mark: Mark
    code: str
    said: dict[str, Any] = field(default_factory=dict)


def gauges(state: State) -> list[Gauge]:
    """Judge a state. In the order in which a person reads them."""
    return [
        *_service(state),
        _room(state),
        Gauge("databases", Mark.GOOD, "sizes", {"sizes": state.databases}),
        *_work(state),
        _aged("backup", state.backup, _BACKED_UP, state.at),
        _aged("drill", state.drill, _DRILLED, state.at),
        _certificate(state),
        *_stored(state),
        *_record(state),
        _alerts(state),
        _examined(state),
    ]


def worst(found: list[Gauge]) -> Mark:
    """Say how the whole stands: as its worst part. What is not known yet is to be looked at."""
    marks = {each.mark for each in found}
    if Mark.BAD in marks:
        return Mark.BAD
    return Mark.LOOK if marks & {Mark.LOOK, Mark.UNKNOWN} else Mark.GOOD


def _service(state: State) -> Iterator[Gauge]:
    is_usual = state.mode == "normal"
    yield Gauge("mode", Mark.GOOD if is_usual else Mark.BAD, state.mode)
    waiting = state.migrations_waiting
    said = {"version": state.version, "waiting": waiting}
    mark = Mark.BAD if waiting else Mark.GOOD
    yield Gauge("version", mark, "behind" if waiting else "current", said)
    last = state.queue.last_turn
    if last is None:
        yield Gauge("worker", Mark.BAD, "never")
        return
    is_there = state.at - last < _WORKER_SEEN
    yield Gauge(
        "worker", Mark.GOOD if is_there else Mark.BAD, "seen" if is_there else "gone", {"at": last}
    )


def _room(state: State) -> Gauge:
    room = state.room
    said = {"used": room.used, "objects": room.objects, "free": room.free, "total": room.total}
    if room.free is None or room.total is None:
        return Gauge("store", Mark.GOOD, "bucket", said)
    if room.free < _LEAST_ROOM:
        return Gauge("store", Mark.BAD, "full", said)
    if room.free < room.total * _LITTLE_ROOM:
        return Gauge("store", Mark.LOOK, "little", said)
    return Gauge("store", Mark.GOOD, "room", said)


def _work(state: State) -> Iterator[Gauge]:
    queue = state.queue
    said = {"waiting": queue.waiting, "running": queue.running, "oldest": queue.oldest_due}
    mark, code = Mark.GOOD, "in-time"
    if queue.oldest_due > _LATE:
        mark, code = Mark.LOOK, "late"
    if queue.oldest_due > _MUCH_TOO_LATE:
        mark = Mark.BAD
    yield Gauge("queue", mark, code, said)
    dead = {"dead": queue.dead}
    yield Gauge(
        "dead", Mark.LOOK if queue.dead else Mark.GOOD, "some" if queue.dead else "none", dead
    )
    mails = {"waiting": queue.mails_waiting, "bounced": queue.mails_bounced}
    is_odd = bool(queue.mails_bounced)
    yield Gauge("mail", Mark.LOOK if is_odd else Mark.GOOD, "bounced" if is_odd else "goes", mails)


def _aged(key: str, done: Done | None, ages: tuple[timedelta, timedelta], at: datetime) -> Gauge:
    """Judge what has to be done again and again: late is to be looked at, very late is bad."""
    if done is None:
        return Gauge(key, Mark.UNKNOWN, "never")
    said = {"at": done.at, "reason": done.reason}
    if not done.went_well:
        return Gauge(key, Mark.BAD, "failed", said)
    late, too_late = ages
    age = at - done.at
    if age > late:
        return Gauge(key, Mark.BAD if age > too_late else Mark.LOOK, "old", said)
    return Gauge(key, Mark.GOOD, "fresh", said)


def _certificate(state: State) -> Gauge:
    if not state.has_certificate:
        return Gauge("certificate", Mark.UNKNOWN, "elsewhere")
    if state.certificate_ends is None:
        return Gauge("certificate", Mark.BAD, "unreadable")
    left = state.certificate_ends - state.at
    soon, very_soon = _CERTIFICATE
    said = {"at": state.certificate_ends, "days": left.days}
    if left < very_soon:
        return Gauge("certificate", Mark.BAD, "over" if left < timedelta(0) else "ends", said)
    if left < soon:
        return Gauge("certificate", Mark.LOOK, "ends", said)
    return Gauge("certificate", Mark.GOOD, "good", said)


def _stored(state: State) -> Iterator[Gauge]:
    stored = state.stored
    if stored.scrubbed_at is None:
        yield Gauge("scrub", Mark.UNKNOWN, "never")
    else:
        is_old = state.at - stored.scrubbed_at > _SCRUBBED
        said = {"at": stored.scrubbed_at, "objects": stored.scrubbed_objects}
        yield Gauge("scrub", Mark.LOOK if is_old else Mark.GOOD, "old" if is_old else "fresh", said)
    held = stored.in_quarantine
    yield Gauge(
        "quarantine", Mark.BAD if held else Mark.GOOD, "some" if held else "none", {"held": held}
    )


def _record(state: State) -> Iterator[Gauge]:
    record = state.record
    waits = record.oldest_waiting is not None and state.at - record.oldest_waiting > _PLACED
    said = {"size": record.size, "waiting": record.waiting, "at": record.oldest_waiting}
    yield Gauge("record", Mark.BAD if waits else Mark.GOOD, "waits" if waits else "placed", said)
    signed = record.checkpoint_at
    if signed is None:
        yield Gauge("checkpoint", Mark.UNKNOWN, "never")
    else:
        # Nothing is signed anew while nothing happens: a sign only where entries wait as well.
        is_old = state.at - signed > _CHECKPOINT and bool(record.waiting)
        yield Gauge(
            "checkpoint",
            Mark.LOOK if is_old else Mark.GOOD,
            "old" if is_old else "fresh",
            {"at": signed},
        )
    yield _aged("verification", record.verified, _VERIFIED, state.at)
    yield _aged("witness", record.witnessed, _WITNESSED, state.at)


def _alerts(state: State) -> Gauge:
    found = state.alerts
    said = {"open": found.open, "serious": found.serious}
    if found.serious:
        return Gauge("alerts", Mark.BAD, "serious", said)
    if found.open:
        return Gauge("alerts", Mark.LOOK, "open", said)
    return Gauge("alerts", Mark.GOOD, "none", said)


def _examined(state: State) -> Gauge:
    found = state.examined
    if found is None:
        return Gauge("doctor", Mark.UNKNOWN, "never")
    said = {"at": found.at, "good": found.good, "wrong": len(found.wrong)}
    if found.wrong:
        return Gauge("doctor", Mark.LOOK, "some", said)
    is_old = state.at - found.at > _EXAMINED
    return Gauge("doctor", Mark.LOOK if is_old else Mark.GOOD, "old" if is_old else "fresh", said)
