"""In which states do the pages exist on which somebody chooses what to share?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from safelight.exchange.consent.terms import Sensitive
from safelight.exchange.release.models import CopyingState
from safelight.exchange.release.picking import Pick
from safelight.exchange.release.sharing.copying import CopyInHand
from safelight.exchange.release.sharing.drafts import Choices
from safelight.surfaces.web.internal import cast
from safelight.surfaces.web.internal.scene import DRAFT, Scene


def _what(at: datetime) -> dict[str, Any]:
    return {
        "details": [cast.detail(at)],
        "choices": Choices(),
        "faults": {},
        "draft_id": DRAFT,
        "marked": {},
        "singles": {},
        "is_publishing": False,
        "may_copy": True,
        "has_more": True,
    }


def _what_wrong(at: datetime) -> dict[str, Any]:
    return _what(at) | {"faults": {"items": "Tick at least one set of pictures to share."}}


def _what_sensitive(at: datetime) -> dict[str, Any]:
    detail = cast.detail(at)
    lung, report = detail.summary.series[1], detail.summary.series[3]
    return _what(at) | {
        "details": [detail, replace(detail, summary=cast.exams(at)[2])],
        "choices": Choices(series_ids=(str(report.series_id),)),
        "marked": {detail.summary.study_id: [Sensitive.HIV, Sensitive.GENETIC]},
        "singles": {lung.series_id: 3},
        "faults": {"sensitive": "Tick each kind that may be seen, or leave that exam out."},
    }


def _pictures(at: datetime) -> dict[str, Any]:
    exam = cast.exams(at)[0]
    shown = [
        Pick(
            instance_id=UUID(int=9000 + number),
            instance_uid=f"2.25.0.1.{number}",
            number=number,
            name="",
            frames=1,
        )
        for number in range(61, 73)
    ]
    return {
        "exam": exam,
        "series": exam.series[1],
        "shown": shown,
        "total": 118,
        "first": 61,
        "earlier": 1,
        "later": 0,
        "chosen": 2,
        "choices": Choices(instance_ids=(str(shown[1].instance_id), str(shown[4].instance_id))),
        "draft_id": DRAFT,
    }


def _documents(at: datetime) -> dict[str, Any]:
    scene = _pictures(at)
    names = ("Report of the radiologist", "Letter to the family doctor", "")
    shown = [
        replace(each, number=number, name=name, frames=0)
        for number, (each, name) in enumerate(zip(scene["shown"], names, strict=False), 1)
    ]
    return scene | {
        "series": scene["exam"].series[3],
        "shown": shown,
        "total": 3,
        "first": 1,
        "earlier": 0,
    }


def _exams(at: datetime) -> dict[str, Any]:
    listed = cast.exams(at)
    chosen = Choices(study_ids=(str(listed[0].study_id),))
    return {"exams": listed, "choices": chosen, "faults": {}, "draft_id": DRAFT}


def _sensitive(at: datetime) -> dict[str, Any]:
    return {
        "exam": cast.detail(at),
        "kinds": list(Sensitive),
        "marked": [Sensitive.HIV],
        "has_copies": True,
        "exam_id": DRAFT,
    }


_COPY: Final = CopyInHand(
    state=CopyingState.READY,
    looked_at=False,
    wanted=130,
    copied=121,
    not_looked_at=7,
    never_copied=1,
    unreadable=1,
    studies=(UUID(int=77),),
    is_current=True,
    has_failed=False,
)


def _form(at: datetime) -> dict[str, Any]:
    del at
    return {"held": None, "faults": {}, "draft_id": DRAFT}


def _form_wrong(at: datetime) -> dict[str, Any]:
    return _form(at) | {"faults": {"form": "Choose how to share it."}}


def _copy_ready(at: datetime) -> dict[str, Any]:
    return _form(at) | {"held": _COPY}


def _copy_making(at: datetime) -> dict[str, Any]:
    return _form(at) | {"held": replace(_COPY, state=CopyingState.MAKING, copied=64)}


def _copy_failed(at: datetime) -> dict[str, Any]:
    held = replace(_COPY, state=CopyingState.MAKING, copied=64, studies=(), has_failed=True)
    return _form(at) | {"held": held}


def _copy_nothing(at: datetime) -> dict[str, Any]:
    return _form(at) | {"held": replace(_COPY, state=CopyingState.NOTHING, studies=())}


def _copy_stale(at: datetime) -> dict[str, Any]:
    return _form(at) | {"held": replace(_COPY, is_current=False)}


CHOOSING: Final = {
    "share-what": Scene("share/what.html", _what),
    "share-what-wrong": Scene("share/what.html", _what_wrong),
    "share-what-sensitive": Scene("share/what.html", _what_sensitive),
    "share-form": Scene("share/form.html", _form),
    "share-form-wrong": Scene("share/form.html", _form_wrong),
    "share-copy-failed": Scene("share/form.html", _copy_failed),
    "share-copy-ready": Scene("share/form.html", _copy_ready),
    "share-copy-making": Scene("share/form.html", _copy_making),
    "share-copy-nothing": Scene("share/form.html", _copy_nothing),
    "share-copy-stale": Scene("share/form.html", _copy_stale),
    "share-pictures": Scene("share/pictures.html", _pictures),
    "share-documents": Scene("share/pictures.html", _documents),
    "share-exams": Scene("share/exams.html", _exams),
    "exam-sensitive": Scene("exam_sensitive.html", _sensitive),
}
