"""In which states does each page exist? One scene a state, all with made-up people."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

from safelight.exchange.consent.terms import RecipientKind
from safelight.exchange.release.remove import Removed
from safelight.governance.keys.certifying import Erased
from safelight.kernel.ids import from_text
from safelight.platform.audit.queries import Page, TrailEntry
from safelight.platform.audit.verify import Finding
from safelight.surfaces.web.internal import cast
from safelight.surfaces.web.internal.acting_scenes import ACTING
from safelight.surfaces.web.internal.alert_scenes import ALERTS
from safelight.surfaces.web.internal.desk_scenes import DESK, care_lines
from safelight.surfaces.web.internal.giving_scenes import GIVING
from safelight.surfaces.web.internal.onward_scenes import ONWARD, inbox_rows
from safelight.surfaces.web.internal.operator_scenes import OPERATING
from safelight.surfaces.web.internal.power_scenes import POWERS
from safelight.surfaces.web.internal.receiving_scenes import RECEIVING
from safelight.surfaces.web.internal.record_scenes import RECORD
from safelight.surfaces.web.internal.scene import DRAFT, Scene
from safelight.surfaces.web.internal.signing_scenes import SIGNING
from safelight.surfaces.web.trail_words import HAPPENINGS


def _nothing(at: datetime) -> dict[str, Any]:
    del at
    return {}


def _home(at: datetime) -> dict[str, Any]:
    exams = cast.exams(at)
    return {
        "lit": exams[:2],
        "shelf": exams[2:],
        "shared": cast.shares(at),
        "waiting": [],
        "recent": cast.happenings(at)[:4],
        "titles": {each.study_id: each.title for each in exams},
        "is_provider": False,
        "lamp": cast.lamp(at),
    }


def _home_waiting(at: datetime) -> dict[str, Any]:
    chest = cast.exams(at)[0]
    agreed = cast.terms("Dr Eva Example", RecipientKind.CLINICIAN, chest, at=at, since=1, days=30)
    return _home(at) | {"waiting": [cast.shared(4, agreed, at=at, opened=False, waits=True)]}


def _home_dark(at: datetime) -> dict[str, Any]:
    exams = [replace(each, people=0, given=0) for each in cast.exams(at)]
    return _home(at) | {"lit": [], "shelf": exams, "shared": [], "recent": [], "lamp": cast.DARK}


def _home_empty(at: datetime) -> dict[str, Any]:
    return _home_dark(at) | {"shelf": []}


def _exams(at: datetime) -> dict[str, Any]:
    exams = cast.exams(at)
    return {
        "exams": exams,
        "query": "",
        "show": "",
        "total": 6,
        "removed": [],
        "lamp": cast.lamp(at),
    }


def _exams_shared(at: datetime) -> dict[str, Any]:
    return _exams(at) | {"exams": cast.exams(at)[:2], "show": "shared"}


def _exams_gone(at: datetime) -> dict[str, Any]:
    days = timedelta(days=1)
    return {
        "erased": [
            Erased(study_id=UUID(int=41), at=at - days, unreadable_from=at + 29 * days),
            Erased(study_id=UUID(int=42), at=at - 80 * days, unreadable_from=at - 50 * days),
        ],
        "now": at,
    }


def _exams_found_nothing(at: datetime) -> dict[str, Any]:
    removed = [Removed(study_id=from_text(DRAFT), until=at + 5 * cast.A_DAY)]
    return _exams(at) | {"exams": [], "query": "elbow", "removed": removed}


def _exams_empty(at: datetime) -> dict[str, Any]:
    return _exams(at) | {"exams": [], "total": 0, "lamp": cast.DARK}


def _exam(at: datetime) -> dict[str, Any]:
    return {
        "exam": cast.detail(at),
        "seers": cast.seers(at),
        "activity": cast.happenings(at)[:3],
        "lamp": cast.lamp(at),
    }


def _exam_of_another(at: datetime) -> dict[str, Any]:
    scene = _exam(at)
    seen = replace(scene["exam"].summary, until=at + 20 * cast.A_DAY, people=0, given=0)
    detail = replace(scene["exam"], summary=seen, may_share=False, may_remove=False)
    return {"exam": detail, "seers": [], "activity": []}


def _access(at: datetime) -> dict[str, Any]:
    chest = cast.exams(at)[0]
    doctor = RecipientKind.CLINICIAN
    locked = cast.terms("Dr Finn Example", doctor, chest, at=at, since=3, days=30)
    waits = cast.terms("Dr Eva Example", doctor, chest, at=at, since=1, days=30)
    over = cast.terms("Dr Dan Example", doctor, chest, at=at, since=60, days=30)
    return {
        "live": [
            *cast.shares(at),
            cast.shared(4, waits, at=at, opened=False, waits=True),
            cast.shared(5, locked, at=at, opened=False, locked=True),
        ],
        "ended": [cast.shared(6, over, at=at, ended=True)],
        "care": care_lines(at),
        "lamp": cast.lamp(at),
    }


def _access_empty(at: datetime) -> dict[str, Any]:
    return {"live": [], "ended": [], "lamp": cast.DARK, "now": at}


def _activity(at: datetime) -> dict[str, Any]:
    titles = {each.study_id: each.title for each in cast.exams(at)}
    return {
        "happenings": cast.happenings(at),
        "titles": titles,
        "exam": None,
        "older": "before=2026-06-01",
        "lamp": cast.lamp(at),
    }


def _activity_wrong(at: datetime) -> dict[str, Any]:
    asked = {"since": "2026-02-02", "until": "2026-02-01"}
    faults = {"until": "The last day comes before the first."}
    return _activity(at) | {"asked": asked, "faults": faults, "days": "since=2026-02-02"}


def _activity_empty(at: datetime) -> dict[str, Any]:
    return _activity(at) | {"happenings": [], "lamp": cast.DARK}


def _upload(at: datetime) -> dict[str, Any]:
    del at
    data = {
        "holder": {"names": [cast.OWNER], "birth_date": None},
        "csrf": "",
        "endpoints": {
            "batches": "/uploads/batches",
            "uploads": "/uploads",
            "known": "/uploads/known",
            "exams": "/exams/",
        },
        "largest_file": 1 << 30,
    }
    return {"data": data, "lamp": cast.DARK}


def _receipt(at: datetime) -> dict[str, Any]:
    batch = SimpleNamespace(
        id=UUID(int=900),
        started_at=at - timedelta(minutes=4),
        finished_at=at,
        stored=237,
        duplicate=4,
        review=2,
        refused=3,
    )
    return {"batch": batch, "lamp": cast.DARK}


def _trail(at: datetime) -> dict[str, Any]:
    kinds = (("share.let-in", "ok"), ("share.code-wrong", "denied"), ("study.looked-at", "ok"))
    entries = tuple(
        TrailEntry(
            row=30 - place,
            seq=30 - place if place else None,
            entry_id=UUID(int=place),
            at=at - timedelta(minutes=7 * place),
            kind=kinds[place % 3][0],
            outcome=kinds[place % 3][1],
            actor=f"account/{UUID(int=2)}",
            on_behalf="",
            subject=f"study/{UUID(int=100)}",
            vault_id=cast.VAULT,
            session="",
            origin="web",
            purpose="second-opinion",
            consent_id=UUID(int=501),
            reason="wrong-proof" if place % 3 == 1 else "",
            count=24,
            size=0,
            has_detail=True,
        )
        for place in range(12)
    )
    return {"page": Page(entries, 18), "asked": {}, "happenings": HAPPENINGS}


def _trail_nobody(at: datetime) -> dict[str, Any]:
    del at
    return {
        "asked": {"actor": "Nobody", "subject": "Ada Example"},
        "happenings": HAPPENINGS,
        "problems": {"actor": "No account has exactly this address or whole name."},
        "several": {"subject": [f"account/{UUID(int=2 << 100)}", f"account/{UUID(int=3 << 100)}"]},
    }


def _officer_home(at: datetime) -> dict[str, Any]:
    entries = _trail(at)["page"].entries
    denied = tuple(each for each in entries if each.outcome == "denied")
    return {"wrong": Page(denied, None), "since": at, "due": 2}


def _trail_whole(at: datetime) -> dict[str, Any]:
    return _trail(at) | {"finding": Finding(29), "checkpoint": "safelight\n29\nAAAA", "key": "k"}


def _trail_broken(at: datetime) -> dict[str, Any]:
    broken = Finding(29, 17, "its hash does not follow from the one before")
    return _trail(at) | {"finding": broken, "page": Page((), None), "asked": {"actor": "x"}}


def _home_provider(at: datetime) -> dict[str, Any]:
    return {"rows": inbox_rows(at), "lamp": None}


def _home_desk(at: datetime) -> dict[str, Any]:
    return _home_provider(at) | {"is_desk": True, "waits": 3}


SCENES: Final = (
    {
        "welcome": Scene("welcome.html", _nothing, ""),
        "home": Scene("home.html", _home, here="home"),
        "home-waiting": Scene("home.html", _home_waiting, here="home"),
        "home-dark": Scene("home.html", _home_dark, here="home"),
        "home-empty": Scene("home.html", _home_empty, here="home"),
        "home-provider": Scene("home.html", _home_provider, "provider", "home"),
        "home-desk": Scene("home.html", _home_desk, "provider", "home"),
        "exams": Scene("exams.html", _exams, here="exams"),
        "exams-shared": Scene("exams.html", _exams_shared, here="exams"),
        "exams-none-found": Scene("exams.html", _exams_found_nothing, here="exams"),
        "exams-gone": Scene("exams_gone.html", _exams_gone, here="exams"),
        "exams-empty": Scene("exams.html", _exams_empty, here="exams"),
        "exam": Scene("exam.html", _exam),
        "exam-of-another": Scene("exam.html", _exam_of_another, "provider"),
        "access": Scene("access.html", _access, here="access"),
        "access-empty": Scene("access.html", _access_empty, here="access"),
        "activity": Scene("activity.html", _activity),
        "activity-empty": Scene("activity.html", _activity_empty),
        "activity-wrong": Scene("activity.html", _activity_wrong),
        "ended-wrong-person": Scene("recipient/wrong.html", _nothing, ""),
        "upload": Scene("upload.html", _upload, here="upload"),
        "upload-done": Scene("upload_done.html", _receipt),
        "trail": Scene("officer/trail.html", _trail, "officer", "trail"),
        "trail-nobody": Scene("officer/trail.html", _trail_nobody, "officer", "trail"),
        "home-officer": Scene("officer/home.html", _officer_home, "officer", "home"),
        "trail-whole": Scene("officer/trail.html", _trail_whole, "officer", "trail"),
        "trail-broken": Scene("officer/trail.html", _trail_broken, "officer", "trail"),
        "refusal": Scene("404.html", _nothing, ""),
        "share-ended": Scene("410.html", _nothing, ""),
        "fault-403-csrf": Scene("403_csrf.html", _nothing, ""),
        "fault-422": Scene("422.html", lambda _: {"why": "The last day is over."}, ""),
        "fault-429": Scene("429.html", _nothing, ""),
        "fault-500": Scene("500.html", _nothing, ""),
        "fault-503": Scene("503.html", _nothing, ""),
    }
    | ACTING
    | DESK
    | GIVING
    | ONWARD
    | ALERTS
    | POWERS
    | OPERATING
    | RECEIVING
    | RECORD
    | SIGNING
)
