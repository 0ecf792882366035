"""Is each gauge judged by its age and amount, and are there words for whatever can be found?"""

from __future__ import annotations

import ast
import inspect
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from safelight.governance.health import rules
from safelight.governance.health.rules import Gauge, Mark, gauges, worst
from safelight.governance.health.state import (
    Alerts,
    Done,
    Examined,
    Finding,
    Queue,
    Record,
    Room,
    State,
    Stored,
)
from safelight.surfaces.web.operator.words import GROUPS, SAYINGS, TITLES, groups_of

AT = datetime(2026, 5, 12, 14, tzinfo=UTC)
_WRONG = Finding(what="the clock", advice="set it")
_DONE = Done(at=AT - timedelta(hours=1), went_well=True)
WELL = State(
    at=AT,
    version="1.0",
    mode="normal",
    migrations_waiting=0,
    room=Room(kind="folder", objects=3, used=9 << 20, free=50 << 30, total=100 << 30),
    databases={"default": 1 << 20, "keys": 1 << 16},
    queue=Queue(
        waiting=1,
        running=0,
        dead=0,
        oldest_due=timedelta(0),
        last_turn=AT - timedelta(minutes=4),
        mails_waiting=0,
        mails_bounced=0,
    ),
    dead=(),
    backup=_DONE,
    drill=_DONE,
    certificate_ends=AT + timedelta(days=60),
    has_certificate=True,
    stored=Stored(scrubbed_at=AT - timedelta(days=3), scrubbed_objects=3, in_quarantine=0),
    record=Record(
        size=10,
        waiting=0,
        oldest_waiting=None,
        checkpoint_at=AT,
        verified=_DONE,
        witnessed=_DONE,
    ),
    alerts=Alerts(open=0, serious=0),
    examined=Examined(at=AT, good=20, wrong=()),
)


def _old(days: float) -> Done:
    return Done(at=AT - timedelta(days=days), went_well=True)


def _of(state: State, key: str) -> Gauge:
    return next(each for each in gauges(state) if each.key == key)


def test_where_all_is_well_the_whole_is_well() -> None:
    assert worst(gauges(WELL)) is Mark.GOOD
    assert {each.mark for each in gauges(WELL)} == {Mark.GOOD}


@pytest.mark.parametrize(
    ("change", "key", "mark"),
    [
        ({"migrations_waiting": 1}, "version", Mark.BAD),
        ({"backup": None}, "backup", Mark.UNKNOWN),
        ({"backup": _old(1.05)}, "backup", Mark.GOOD),
        ({"backup": _old(1.2)}, "backup", Mark.LOOK),
        ({"backup": _old(3.1)}, "backup", Mark.BAD),
        ({"backup": Done(at=AT, went_well=False)}, "backup", Mark.BAD),
        ({"drill": _old(40)}, "drill", Mark.LOOK),
        ({"drill": _old(100)}, "drill", Mark.BAD),
        ({"has_certificate": False}, "certificate", Mark.UNKNOWN),
        ({"certificate_ends": None}, "certificate", Mark.BAD),
        ({"certificate_ends": AT + timedelta(days=20)}, "certificate", Mark.LOOK),
        ({"certificate_ends": AT + timedelta(days=6)}, "certificate", Mark.BAD),
        ({"certificate_ends": AT - timedelta(days=1)}, "certificate", Mark.BAD),
        ({"room": replace(WELL.room, free=1 << 30)}, "store", Mark.BAD),
        ({"room": replace(WELL.room, free=9 << 30)}, "store", Mark.LOOK),
        ({"room": replace(WELL.room, free=None)}, "store", Mark.GOOD),
        ({"queue": replace(WELL.queue, last_turn=None)}, "worker", Mark.BAD),
        (
            {"queue": replace(WELL.queue, last_turn=AT - timedelta(minutes=16))},
            "worker",
            Mark.BAD,
        ),
        ({"queue": replace(WELL.queue, oldest_due=timedelta(minutes=11))}, "queue", Mark.LOOK),
        ({"queue": replace(WELL.queue, oldest_due=timedelta(minutes=61))}, "queue", Mark.BAD),
        ({"queue": replace(WELL.queue, dead=1)}, "dead", Mark.LOOK),
        ({"queue": replace(WELL.queue, mails_bounced=1)}, "mail", Mark.LOOK),
        ({"stored": replace(WELL.stored, scrubbed_at=None)}, "scrub", Mark.UNKNOWN),
        (
            {"stored": replace(WELL.stored, scrubbed_at=AT - timedelta(days=63))},
            "scrub",
            Mark.LOOK,
        ),
        ({"stored": replace(WELL.stored, in_quarantine=1)}, "quarantine", Mark.BAD),
        (
            {"record": replace(WELL.record, waiting=1, oldest_waiting=AT - timedelta(seconds=31))},
            "record",
            Mark.BAD,
        ),
        ({"record": replace(WELL.record, checkpoint_at=None)}, "checkpoint", Mark.UNKNOWN),
        (
            {"record": replace(WELL.record, waiting=1, checkpoint_at=AT - timedelta(minutes=16))},
            "checkpoint",
            Mark.LOOK,
        ),
        ({"mode": "read_only"}, "mode", Mark.BAD),
        ({"mode": "recovering"}, "mode", Mark.BAD),
        ({"alerts": Alerts(open=2, serious=0)}, "alerts", Mark.LOOK),
        ({"alerts": Alerts(open=2, serious=1)}, "alerts", Mark.BAD),
        ({"examined": None}, "doctor", Mark.UNKNOWN),
        ({"examined": Examined(at=AT, good=1, wrong=(_WRONG,))}, "doctor", Mark.LOOK),
        ({"examined": Examined(at=AT - timedelta(days=9), good=1, wrong=())}, "doctor", Mark.LOOK),
        ({"record": replace(WELL.record, verified=_old(9))}, "verification", Mark.BAD),
        ({"record": replace(WELL.record, witnessed=_old(0.1))}, "witness", Mark.LOOK),
    ],
)
def test_each_gauge_turns_where_it_should(change: dict[str, object], key: str, mark: Mark) -> None:
    state = replace(WELL, **change)  # type: ignore[arg-type]  # the table names fields
    assert _of(state, key).mark is mark
    others = {each.key: each.mark for each in gauges(state) if each.key != key}
    assert set(others.values()) == {Mark.GOOD}
    # Whatever was found can be said, with all its figures.
    groups_of(gauges(state), at=AT)


def test_whatever_can_be_found_has_words_and_a_place() -> None:
    shown = [key for keys in GROUPS.values() for key in keys]
    assert sorted(shown) == sorted(TITLES)
    assert [each.key for each in gauges(WELL)] != []
    assert {each.key for each in gauges(WELL)} == set(TITLES)
    said = {(key, code) for key in ("backup", "drill") for code in ("never", "failed", "old")}
    assert said <= set(SAYINGS)


def test_no_words_are_kept_for_what_is_never_found() -> None:
    texts = {
        node.value
        for node in ast.walk(ast.parse(inspect.getsource(rules)))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    texts |= {"read_only", "recovering"}  # modes go by their own codes
    assert {part for found in SAYINGS for part in found} <= texts
