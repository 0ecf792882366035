"""How do the pages look of those that run the instance, and of somebody who says "not me"?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from safelight.governance.health.rules import Mark, gauges, worst
from safelight.governance.health.state import (
    Alerts,
    DeadLetter,
    Done,
    Examined,
    Finding,
    Queue,
    Record,
    Room,
    State,
    Stored,
)
from safelight.records.accounts.models import StaffRole
from safelight.surfaces.web.account.confirmation import Confirmation
from safelight.surfaces.web.account.forms import ConfirmForm, RecoverForm, ResetForm
from safelight.surfaces.web.internal.giving_scenes import GIVING
from safelight.surfaces.web.internal.scene import DRAFT, Scene
from safelight.surfaces.web.operator.rooms import rooms_of
from safelight.surfaces.web.operator.words import MARKS, groups_of, line_of

_HOUR: Final = timedelta(hours=1)
_EVERYBODY: Final = frozenset(StaffRole)
_STAFF: Final = {"staff_roles": _EVERYBODY}
_ORDER: Final = (Mark.BAD, Mark.LOOK, Mark.UNKNOWN)


def _well(at: datetime) -> State:
    done = Done(at=at - 3 * _HOUR, went_well=True)
    return State(
        at=at,
        version="0.1.0",
        mode="normal",
        migrations_waiting=0,
        room=Room(kind="folder", objects=48_211, used=92 << 30, free=310 << 30, total=480 << 30),
        databases={"default": 812 << 20, "keys": 9 << 20},
        queue=Queue(
            waiting=3,
            running=1,
            dead=0,
            oldest_due=timedelta(0),
            last_turn=at - timedelta(minutes=2),
            mails_waiting=0,
            mails_bounced=0,
        ),
        dead=(),
        backup=done,
        drill=replace(done, at=at - 150 * _HOUR),
        certificate_ends=at + timedelta(days=61),
        has_certificate=True,
        stored=Stored(scrubbed_at=at - 200 * _HOUR, scrubbed_objects=48_102, in_quarantine=0),
        record=Record(
            size=918_244,
            waiting=2,
            oldest_waiting=at,
            checkpoint_at=at - timedelta(seconds=40),
            verified=done,
            witnessed=replace(done, at=at - timedelta(minutes=1)),
        ),
        alerts=Alerts(open=0, serious=0),
        examined=Examined(at=at - 5 * _HOUR, good=34, wrong=()),
    )


def _wrong(at: datetime) -> State:
    well = _well(at)
    letter = DeadLetter(
        job_id=UUID(int=81), name="notices.deliver", error="unsafe_mail", attempts=12, at=at - _HOUR
    )
    finding = Finding(
        what="the root key lies on the same file system as the data",
        advice="one thief of one disk would have both; keep the key on another disk or machine",
    )
    return replace(
        well,
        queue=replace(well.queue, waiting=118, dead=1, oldest_due=3 * _HOUR, mails_bounced=4),
        dead=(letter,),
        backup=replace(_done(well.backup), at=at - 50 * _HOUR),
        drill=None,
        certificate_ends=at + timedelta(days=6),
        stored=replace(well.stored, in_quarantine=2),
        room=replace(well.room, free=21 << 30),
        alerts=Alerts(open=3, serious=1),
        examined=Examined(at=at - 5 * _HOUR, good=33, wrong=(finding,)),
    )


def _done(done: Done | None) -> Done:
    assert done is not None  # noqa: S101 (made above)
    return done


def _health(state: State) -> dict[str, Any]:
    found = gauges(state)
    return _STAFF | {
        "groups": groups_of(found, at=state.at),
        "marks": MARKS,
        "worst": worst(found),
        "dead": state.dead,
        "findings": state.examined.wrong if state.examined else (),
        "read_at": state.at,
    }


def _overview(state: State) -> dict[str, Any]:
    found = gauges(state)
    lines = [line_of(each, at=state.at) for each in found if each.mark is not Mark.GOOD]
    return _STAFF | {
        "wrong": sorted(lines, key=lambda line: _ORDER.index(line.mark)),
        "well": sum(each.mark is Mark.GOOD for each in found),
        "marks": MARKS,
        "rooms": rooms_of(_EVERYBODY)[1:],
        "read_at": state.at,
    }


def _recover(at: datetime) -> dict[str, Any]:
    del at
    return {"form": RecoverForm(), "key": "k", "released": False, "hold_until": None}


def _held(at: datetime) -> dict[str, Any]:
    held = {"hold_until": at + 60 * _HOUR, "is_over": False, "proved": False}
    return _recover(at) | held | {"reference": "7k3m92qdx4"}


def _was_me(at: datetime) -> dict[str, Any]:
    form = ConfirmForm({"confirm-challenge": DRAFT})
    confirm = Confirmation(form, {"publicKey": {"challenge": "AAAA"}}, has_app=True)
    return GIVING["share-done"].make(at) | {"confirm": confirm}


OPERATING: Final = {
    "operator": Scene("operator/overview.html", lambda at: _overview(_well(at)), here="operator"),
    "operator-wrong": Scene(
        "operator/overview.html", lambda at: _overview(_wrong(at)), here="operator"
    ),
    "operator-health": Scene(
        "operator/health.html", lambda at: _health(_well(at)), here="operator-health"
    ),
    "operator-health-wrong": Scene(
        "operator/health.html", lambda at: _health(_wrong(at)), here="operator-health"
    ),
    "not-me": Scene("account/not-me.html", lambda _at: {"form": ResetForm()}, ""),
    "not-me-sent": Scene("account/not-me-sent.html", lambda _at: {}, ""),
    "not-me-press": Scene("account/not-me-press.html", lambda _at: {}),
    "not-me-done": Scene("account/not-me-done.html", lambda _at: {}, ""),
    "recover": Scene("account/recover.html", _recover, ""),
    "recover-held": Scene("account/recover.html", _held, ""),
    "was-me": Scene("account/was-me.html", _was_me),
}
