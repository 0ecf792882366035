"""In which states do the pages of passing on, asking and having received exist?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.utils.safestring import mark_safe

from safelight.exchange.access.colleagues import Colleague
from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.consent.obligations import Bound, obligations_of
from safelight.exchange.consent.requests import Answer, RequestState
from safelight.exchange.consent.rules import Refusal
from safelight.exchange.consent.terms import (
    Act,
    Authority,
    Further,
    FurtherRelease,
    Named,
    Purpose,
    RecipientKind,
    SecondCheck,
    Sensitive,
    Terms,
)
from safelight.exchange.consent.text import shown_html
from safelight.exchange.release.happening import Happening
from safelight.exchange.release.inbox.assigned import Held
from safelight.exchange.release.inbox.givers import Ended
from safelight.exchange.release.inbox.rows import InboxRow
from safelight.exchange.release.sharing.asking import Asked
from safelight.exchange.release.sharing.drafts import Choices
from safelight.exchange.release.sharing.onward import Parent
from safelight.exchange.release.sharing.wishes import Wish
from safelight.kernel.ids import to_text
from safelight.surfaces.web.account.confirmation import Confirmation
from safelight.surfaces.web.account.forms import ConfirmForm
from safelight.surfaces.web.internal import cast
from safelight.surfaces.web.internal.scene import DRAFT, Scene

_CONSENT: Final = UUID(int=601)
_DAN: Final = Named(name="Dr Dan Example", address="dan@clinic.example")


def _agreed(at: datetime) -> Terms:
    chest = cast.exams(at)[0]
    doctor = RecipientKind.CLINICIAN
    terms = cast.terms("Dr Ada Example", doctor, chest, at=at, since=9, days=30, may_download=True)
    further = FurtherRelease(
        kind=Further.NAMED, named=(_DAN,), purposes=frozenset({Purpose.SECOND_OPINION})
    )
    return replace(terms, further=further)


def _passed_on(at: datetime) -> Terms:
    agreed = _agreed(at)
    return replace(
        agreed,
        act=Act.ONWARD,
        parent_id=_CONSENT,
        grantor_name="Dr Ada Example",
        authority=Authority(kind="onward", subject_name=cast.OWNER),
        recipient=replace(agreed.recipient, name=_DAN.name, address=_DAN.address),
        further=FurtherRelease(),
    )


def _pass_on(at: datetime) -> dict[str, Any]:
    agreed = _agreed(at)
    return {
        "terms": agreed,
        "choices": Choices(),
        "study_id": agreed.items[0].study_id,
        "items": agreed.items,
        "named": agreed.further.named,
        "kinds": list(RecipientKind),
        "purposes": [Purpose.SECOND_OPINION],
        "second_checks": list(SecondCheck),
        "sensitive": [],
        "faults": {},
        "draft_id": DRAFT,
        "today": at.date(),
        "default_end": agreed.ends_at.date(),
        "latest_end": agreed.ends_at.date(),
    }


def _pass_on_wrong(at: datetime) -> dict[str, Any]:
    faults = {
        "series": "Tick at least one set of pictures.",
        "kind": "Choose what they are to the patient.",
        "purpose": "Choose what it is for.",
    }
    return _pass_on(at) | {"faults": faults, "named": (), "sensitive": [Sensitive.HIV]}


def _check(at: datetime) -> dict[str, Any]:
    terms = _passed_on(at)
    return {
        "terms": terms,
        "words": mark_safe(shown_html(terms)),  # noqa: S308 (made-up words, escaped there)
        "confirmation": Confirmation(ConfirmForm(), None, has_app=True),
        "changed": False,
        "draft_id": DRAFT,
    }


def _refused(code: str) -> dict[str, Any]:
    return {"code": code, "exam_id": DRAFT}


def _ask(at: datetime) -> dict[str, Any]:
    return {
        "exam": cast.detail(at),
        "exam_id": DRAFT,
        "bound": Bound(each=(obligations_of(_agreed(at), _CONSENT),)),
        "said": {"may_download": "no"},
        "faults": {},
        "purposes": [each for each in Purpose if each is not Purpose.OTHER],
        "longest_note": 500,
        "today": at.date(),
        "default_end": (at + timedelta(days=30)).date(),
        "latest_end": (at + timedelta(days=365)).date(),
    }


def _ask_wrong(at: datetime) -> dict[str, Any]:
    faults = {
        "purpose": "Choose what it is for.",
        "note": "You have asked already, and there is no answer yet.",
    }
    return _ask(at) | {"faults": faults}


def _asked(at: datetime, answer: Answer = Answer.OPEN) -> Asked:
    return Asked(
        id=UUID(int=700),
        study_id=cast.exams(at)[0].study_id,
        asker="Dr Ada Example",
        asker_address="ada@clinic.example",
        places=("Harbour Hospital",),
        asked_at=at - cast.A_DAY,
        ends_at=at + 13 * cast.A_DAY,
        state=RequestState.REQUESTED,
        answer=answer,
        wish=Wish(
            purpose="second-opinion",
            note="Dr Dan knows more about this than I do. I would like to hear what he thinks.",
            ends_on=(at + timedelta(days=20)).date().isoformat(),
            pass_to=(_DAN.name, _DAN.address),
        ),
        consent_id=None,
    )


def _request(at: datetime) -> dict[str, Any]:
    return {
        "asked": _asked(at),
        "request_id": DRAFT,
        "exam": cast.detail(at),
        "until": (at + timedelta(days=20)).date(),
        "lamp": cast.DARK,
    }


def _row(number: int, terms: Terms | None, at: datetime, **about: Any) -> InboxRow:  # noqa: ANN401 (its fields)
    chest = cast.exams(at)[0]
    said: dict[str, Any] = {
        "study_id": UUID(int=800 + number),
        "came_at": at - number * cast.A_DAY,
        "is_soon": False,
        "is_new": False,
        "title": terms.items[0].exam_title if terms else chest.title,
        "modalities": ("CT",),
        "parts": frozenset({"Chest"}),
        "on": chest.on,
        "source": terms.grantor_name if terms else "Harbour Hospital",
        "terms": terms,
        "way": "consent" if terms else "care-relation",
        "until": terms.ends_at if terms else None,
        "patient_name": "" if terms else cast.OWNER,
        "birth_date": None,
        "waits_for_report": terms is None,
        "held": None,
    }
    return InboxRow(**said | about)


def inbox_rows(at: datetime) -> list[InboxRow]:
    """Return what lies before a clinician."""
    knee = cast.exams(at)[1]
    soon = cast.terms("Dr Ada Example", RecipientKind.CLINICIAN, knee, at=at, since=28, days=30)
    mine = Held(UUID(int=1), "Dr Ada Example", at, is_me=True)
    dans = Held(UUID(int=2), "Dr Dan Example", at - cast.A_DAY, is_me=False)
    return [
        _row(28, soon, at, is_soon=True),
        _row(1, _agreed(at), at, is_new=True),
        _row(2, _passed_on(at), at, held=mine),
        _row(3, None, at, held=dans),
    ]


def _inbox(at: datetime) -> dict[str, Any]:
    chest, knee = cast.exams(at)[:2]
    return {
        "rows": inbox_rows(at),
        "ended": [
            Ended(at - 60 * cast.A_DAY, Refusal.REVOKED),
            Ended(at - 90 * cast.A_DAY, Refusal.EXPIRED),
        ],
        "older": "after=1",
        "here": "",
        "narrowed": {},
        "shown": {"new": "Not opened yet"},
        "modalities": {"CT": "CT (CT)"},
        "days": {"1": "In the last day"},
        "holders": {"me": "Me", "nobody": "Nobody"},
        "givers": {"1": cast.OWNER, "2": "Harbour Hospital"},
        "may_take": True,
        "open": {chest.study_id, knee.study_id},
        "asked": [_asked(at, each) for each in Answer],
    }


def _inbox_empty(at: datetime) -> dict[str, Any]:
    nothing = {"rows": [], "ended": [], "older": "", "open": set(), "asked": []}
    return _inbox(at) | nothing


def _assign(at: datetime) -> dict[str, Any]:
    dan = Party(kind=PartyKind.PROVIDER, account_id=UUID(int=2))
    exam_id = to_text(cast.exams(at)[0].study_id)
    return {"exam_id": exam_id, "colleagues": [Colleague("Dr Dan Example", UUID(int=3), dan)]}


def _exam_received(at: datetime) -> dict[str, Any]:
    agreed = _agreed(at)
    sensitive = replace(agreed, sensitive=frozenset({Sensitive.SUBSTANCE_USE}))
    detail = cast.detail(at)
    return {
        "exam": replace(
            detail,
            may_share=False,
            may_remove=False,
            summary=replace(detail.summary, people=0, given=0),
        ),
        "seers": [],
        "activity": [],
        "bound": Bound(each=(obligations_of(sensitive, _CONSENT),)),
        "parents": [Parent(consent_id=_CONSENT, patient_id=UUID(int=2), terms=agreed)],
    }


def _hops(at: datetime) -> dict[str, Any]:
    chest = cast.exams(at)[0]

    def line(did: str, who: str, hours: int, *, by: str = "", pictures: int = 24) -> Happening:
        return Happening(
            at=at - timedelta(hours=hours),
            who=who,
            is_you=False,
            did=did,
            study_id=chest.study_id,
            pictures=pictures,
            consent_id=UUID(int=602),
            consent_at=at - 9 * cast.A_DAY,
            by=by,
            parent_id=_CONSENT if by else None,
        )

    dan, ada = _DAN.name, "Dr Ada Example"
    lines = [
        line("onward-ended", dan, 1, by=ada),
        line("looked", dan, 3, by=ada),
        line("passed-on", dan, 5, by=ada),
        line("tried", "Nora Example", 30),
    ]
    return {
        "happenings": lines,
        "titles": {chest.study_id: chest.title},
        "exam": None,
        "lamp": cast.lamp(at),
    }


ONWARD: Final = {
    "pass-on": Scene("onward/pass_on.html", _pass_on, "provider"),
    "pass-on-wrong": Scene("onward/pass_on.html", _pass_on_wrong, "provider"),
    "pass-on-check": Scene("onward/check.html", _check, "provider"),
    "pass-on-refused": Scene(
        "onward/refused.html", lambda _: _refused("further_release_not_contemplated"), "provider"
    ),
    "pass-on-refused-purpose": Scene(
        "onward/refused.html", lambda _: _refused("purpose_not_covered"), "provider"
    ),
    "ask-patient": Scene("onward/ask.html", _ask, "provider"),
    "ask-patient-wrong": Scene("onward/ask.html", _ask_wrong, "provider"),
    "request": Scene("onward/request.html", _request),
    "inbox": Scene("inbox/list.html", _inbox, "provider", "inbox"),
    "inbox-empty": Scene("inbox/list.html", _inbox_empty, "provider", "inbox"),
    "inbox-assign": Scene("inbox/assign.html", _assign, "provider", "inbox"),
    "exam-received": Scene("exam.html", _exam_received, "provider"),
    "activity-hops": Scene("activity.html", _hops),
}
