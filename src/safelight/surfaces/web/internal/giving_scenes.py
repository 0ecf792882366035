"""In which states do the pages of somebody who shares exist?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

from django.utils.safestring import mark_safe

from safelight.exchange.consent.cautions import cautions
from safelight.exchange.consent.terms import (
    Act,
    Audience,
    Further,
    FurtherRelease,
    Member,
    Named,
    Purpose,
    Recipient,
    RecipientKind,
    SecondCheck,
    Sensitive,
    Standing,
)
from safelight.exchange.consent.text import shown_html
from safelight.exchange.release.board import SharedWith
from safelight.exchange.release.models import Told
from safelight.exchange.release.progress import Progress, Stand
from safelight.exchange.release.sharing.drafts import Choices
from safelight.exchange.release.sharing.earlier import Earlier, together
from safelight.surfaces.web.account.confirmation import Confirmation
from safelight.surfaces.web.account.forms import ConfirmForm
from safelight.surfaces.web.internal import cast
from safelight.surfaces.web.internal.choosing_scenes import CHOOSING
from safelight.surfaces.web.internal.scene import DRAFT, Scene
from safelight.surfaces.web.internal.whom_scenes import WHOM
from safelight.surfaces.web.sharing.earlier import Outcome
from safelight.surfaces.web.sharing.way import WayIn, drawn


def _why(at: datetime) -> dict[str, Any]:
    return {
        "choices": Choices(name="Dr Ada Example"),
        "said": {},
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
        "said": {"may_download": "no", "further": "named"},
        "named": [("Dr Dan Example", "dan@clinic.example"), ("", ""), ("", "")],
        "proved_at": at - 9 * cast.A_DAY,
        "has_more": True,
    }


def _why_group(at: datetime) -> dict[str, Any]:
    further = Choices(name="My family", audience="group", further="class")
    return _why(at) | {"choices": further, "is_person": False, "has_more": True}


def _why_wrong(at: datetime) -> dict[str, Any]:
    return _why(at) | {
        "said": {"may_download": "no"},
        "faults": {"purpose": "Choose what it is for."},
    }


def _check(at: datetime) -> dict[str, Any]:
    agreed = cast.shares(at)[0].terms
    form = ConfirmForm(initial={"challenge": DRAFT})
    return {
        "terms": agreed,
        "words": mark_safe(shown_html(agreed)),  # noqa: S308 (escaped where it is built)
        "confirmation": Confirmation(form, {"publicKey": {"challenge": "AAAA"}}, has_app=True),
        "changed": False,
        "draft_id": DRAFT,
        "proved_at": None,
        "cautions": [],
        "is_publishing": False,
        "lamp": cast.DARK,
    }


def _check_group(at: datetime) -> dict[str, Any]:
    chest = cast.shares(at)[0].terms
    people = ("Nora Example", "Ben Example")
    agreed = replace(
        chest,
        recipient=Recipient(
            name="My family",
            address="",
            kind=RecipientKind.OTHER,
            audience=Audience.GROUP,
            members=tuple(Member(account_id=UUID(int=71), name=name) for name in people),
        ),
        act=Act.PUBLISH,
        further=FurtherRelease(
            kind=Further.NAMED,
            named=(Named(name="Dr Dan Example", address="dan@clinic.example"),),
            purposes=frozenset({Purpose.TREATMENT}),
        ),
        sensitive=frozenset({Sensitive.HIV}),
        standing=Standing(patient_id=UUID(int=3), until=chest.ends_at),
        replaces_id=UUID(int=501),
    )
    words = mark_safe(shown_html(agreed))  # noqa: S308 (escaped where it is built)
    return _check(at) | {"terms": agreed, "words": words, "is_publishing": True}


def _check_lawyer(at: datetime) -> dict[str, Any]:
    agreed = cast.terms(
        "Lea Example", RecipientKind.ATTORNEY, cast.exams(at)[0], at=at, since=0, days=30
    )
    words = mark_safe(shown_html(agreed))  # noqa: S308 (escaped where it is built)
    return _check(at) | {"terms": agreed, "words": words, "cautions": cautions(agreed)}


def _earlier(at: datetime) -> dict[str, Any]:
    held = [
        Earlier(consent_id=each.consent_id, terms=each.terms, granted_at=each.granted_at)
        for each in (cast.shares(at)[0], cast.shares(at)[2])
    ]
    new = cast.terms(
        "Dr Ada Example", RecipientKind.CLINICIAN, cast.exams(at)[2], at=at, since=0, days=60
    )
    outcomes = [
        Outcome(
            value=str(each.consent_id),
            earlier=each,
            result=together([new, *(one.terms for one in held if one is not each)]),
        )
        for each in held
    ]
    adds = Outcome(
        value="adds", earlier=None, result=together([new, *(each.terms for each in held)])
    )
    return {
        "name": "Dr Ada Example",
        "held": held,
        "outcomes": [*outcomes, adds],
        "answer": "",
        "faults": {},
        "draft_id": DRAFT,
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
        "way": WayIn(
            share_id=UUID(int=601),
            page=f"https://safelight.example/s/{DRAFT}",
            drawing=drawn(f"https://safelight.example/s/{DRAFT}"),
            progress=Progress(stand=Stand.INVITED),
        ),
        "lamp": cast.lamp(at),
    }


def _done_bounced(at: datetime) -> dict[str, Any]:
    scene = _done(at)
    bounced = replace(scene["way"], progress=Progress(stand=Stand.BOUNCED))
    return scene | {"passphrase": "", "way": bounced}


def _access_all(at: datetime) -> dict[str, Any]:
    """Show each state that a share can be in."""
    live = (Stand.OPEN, Stand.INVITED, Stand.BOUNCED, Stand.LATE, Stand.USED_UP)
    ended = (Stand.REPLACED, Stand.MISDIRECTED, Stand.DECLINED, Stand.ENDED_WITH_ANOTHER)
    chest = cast.exams(at)[0]

    def shares(stands: tuple[Stand, ...], first: int, *, is_over: bool) -> list[SharedWith]:
        names = ("Dr Ada Example", "Nora Example", "Dr Dan Example", "Lea Example", "Ben Example")
        return [
            cast.shared(
                first + place,
                cast.terms(name, RecipientKind.CLINICIAN, chest, at=at, since=2, days=30),
                at=at,
                opened=stand in {Stand.OPEN, Stand.USED_UP},
                ended=is_over,
            )
            for place, (stand, name) in enumerate(zip(stands, names, strict=False))
        ]

    now, over = shares(live, 20, is_over=False), shares(ended, 40, is_over=True)
    group = replace(now[0], terms=_check_group(at)["terms"], consent_id=UUID(int=580))
    progress = {
        each.consent_id: Progress(stand=stand, uses_left=0 if stand is Stand.USED_UP else None)
        for each, stand in zip([*now, *over], [*live, *ended], strict=True)
    }
    progress[group.consent_id] = Progress(stand=Stand.OPEN, people=("Nora Example", "Ben Example"))
    paused = replace(now[0], consent_id=UUID(int=581), is_paused=True)
    return {
        "live": [group, *now, paused, replace(paused, consent_id=UUID(int=582), may_go_on=True)],
        "ended": over,
        "progress": progress,
        "lamp": cast.lamp(at),
    }


def _opening_notices(at: datetime) -> dict[str, Any]:
    return {"how": Told.EACH_TIME, "ways": list(Told), "lamp": cast.lamp(at)}


def _done_taken_back(at: datetime) -> dict[str, Any]:
    scene = _done(at)
    scene["consent"].revoked_at = at
    return scene | {"passphrase": "", "lamp": cast.DARK}


GIVING: Final = (
    CHOOSING
    | WHOM
    | {
        "share-why": Scene("share/why.html", _why),
        "share-why-wrong": Scene("share/why.html", _why_wrong),
        "share-check": Scene("share/check.html", _check),
        "share-check-wrong": Scene("share/check.html", _check_wrong),
        "share-check-lawyer": Scene("share/check.html", _check_lawyer),
        "publish-check": Scene("share/check.html", _check_group),
        "share-earlier": Scene("share/earlier.html", _earlier),
        "share-unfit": Scene("share/unfit.html", _unfit),
        "share-done": Scene("share/done.html", _done),
        "share-done-bounced": Scene("share/done.html", _done_bounced),
        "opening-notices": Scene("opening_notices.html", _opening_notices),
        "access-every-state": Scene("access.html", _access_all, here="access"),
        "share-taken-back": Scene("share/done.html", _done_taken_back),
        "share-why-more": Scene("share/why.html", _why_more),
        "share-why-group": Scene("share/why.html", _why_group),
    }
)
