"""In which states do the pages of somebody who shares exist?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

from django.utils.safestring import mark_safe

from safelight.exchange.consent.terms import Purpose, RecipientKind, SecondCheck, Sensitive
from safelight.exchange.consent.text import shown_html
from safelight.exchange.release.sharing.drafts import Choices
from safelight.exchange.release.sharing.picking import Pick
from safelight.surfaces.web.account.confirmation import Confirmation
from safelight.surfaces.web.account.forms import ConfirmForm
from safelight.surfaces.web.internal import cast
from safelight.surfaces.web.internal.scene import DRAFT, Scene
from safelight.surfaces.web.internal.whom_scenes import WHOM


def _what(at: datetime) -> dict[str, Any]:
    return {
        "details": [cast.detail(at)],
        "choices": Choices(),
        "faults": {},
        "draft_id": DRAFT,
        "marked": {},
        "singles": {},
        "is_publishing": False,
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
        "exam_id": DRAFT,
    }


def _why(at: datetime) -> dict[str, Any]:
    return {
        "choices": Choices(name="Dr Ada Example"),
        "faults": {},
        "draft_id": DRAFT,
        "purposes": list(Purpose),
        "second_checks": list(SecondCheck),
        "further_kinds": [each for each in RecipientKind if each != "own-address"],
        "named": [("", "")] * 3,
        "proved_at": None,
        "is_person": True,
        "is_publishing": False,
        "has_more": False,
        "today": at.date(),
        "default_end": (at + timedelta(days=30)).date(),
        "latest_end": (at + timedelta(days=365)).date(),
    }


def _why_more(at: datetime) -> dict[str, Any]:
    return _why(at) | {
        "choices": Choices(
            name="Dr Ada Example",
            address="ada@clinic.example",
            purpose="treatment",
            further="named",
            further_purposes=("treatment",),
            most_openings="3",
            standing_until=(at + timedelta(days=20)).date().isoformat(),
        ),
        "named": [("Dr Dan Example", "dan@clinic.example"), ("", ""), ("", "")],
        "proved_at": at - 9 * cast.A_DAY,
        "has_more": True,
    }


def _why_group(at: datetime) -> dict[str, Any]:
    further = Choices(name="My family", audience="group", further="class")
    return _why(at) | {"choices": further, "is_person": False, "has_more": True}


def _why_wrong(at: datetime) -> dict[str, Any]:
    return _why(at) | {"faults": {"purpose": "Choose what it is for."}}


def _check(at: datetime) -> dict[str, Any]:
    agreed = cast.shares(at)[0].terms
    form = ConfirmForm(initial={"challenge": DRAFT})
    return {
        "terms": agreed,
        "words": mark_safe(shown_html(agreed)),  # noqa: S308 (escaped where it is built)
        "confirmation": Confirmation(form, {"publicKey": {"challenge": "AAAA"}}, has_app=True),
        "changed": False,
        "draft_id": DRAFT,
        "lamp": cast.DARK,
    }


def _check_wrong(at: datetime) -> dict[str, Any]:
    form = ConfirmForm({"confirm-challenge": DRAFT})
    form.full_clean()
    form.errors.clear()
    form.add_error("code", "That code is not right. Wait for the next one.")
    return _check(at) | {"confirmation": Confirmation(form, None, has_app=True), "changed": True}


def _unfit(at: datetime) -> dict[str, Any]:
    del at
    faults = {"ends_on": "The last day must come after the first."}
    return {"faults": faults, "draft_id": DRAFT, "choices": {}}


def _done(at: datetime) -> dict[str, Any]:
    agreed = cast.shares(at)[0].terms
    consent = SimpleNamespace(
        id=UUID(int=501), granted_at=at, revoked_at=None, ends_at=agreed.ends_at
    )
    return {
        "consent": consent,
        "consent_id": DRAFT,
        "terms": agreed,
        "words": _check(at)["words"],
        "passphrase": "lamp river seven chair",
        "lamp": cast.lamp(at),
    }


def _done_taken_back(at: datetime) -> dict[str, Any]:
    scene = _done(at)
    scene["consent"].revoked_at = at
    return scene | {"passphrase": "", "lamp": cast.DARK}


GIVING: Final = WHOM | {
    "share-what": Scene("share/what.html", _what),
    "share-what-wrong": Scene("share/what.html", _what_wrong),
    "share-what-sensitive": Scene("share/what.html", _what_sensitive),
    "share-pictures": Scene("share/pictures.html", _pictures),
    "share-documents": Scene("share/pictures.html", _documents),
    "share-exams": Scene("share/exams.html", _exams),
    "exam-sensitive": Scene("exam_sensitive.html", _sensitive),
    "share-why": Scene("share/why.html", _why),
    "share-why-wrong": Scene("share/why.html", _why_wrong),
    "share-check": Scene("share/check.html", _check),
    "share-check-wrong": Scene("share/check.html", _check_wrong),
    "share-unfit": Scene("share/unfit.html", _unfit),
    "share-done": Scene("share/done.html", _done),
    "share-taken-back": Scene("share/done.html", _done_taken_back),
    "share-why-more": Scene("share/why.html", _why_more),
    "share-why-group": Scene("share/why.html", _why_group),
}
