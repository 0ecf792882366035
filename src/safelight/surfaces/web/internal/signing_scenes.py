"""In which states do the pages of every way to sign exist?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

from django.utils.safestring import mark_safe

from safelight.exchange.consent.handwriting import HEIGHT, WIDTH
from safelight.exchange.consent.paper import LASTS, ON_PAPER, KnownBy, Paper, PaperState
from safelight.exchange.consent.paper_text import paper_html
from safelight.exchange.consent.terms import Authority, Purpose, RecipientKind, Sensitive
from safelight.exchange.release.on_paper.recording import Said
from safelight.surfaces.web.internal import cast
from safelight.surfaces.web.internal.giving_scenes import GIVING
from safelight.surfaces.web.internal.scene import DRAFT, Scene

_DRAWN: Final = [
    "90,230 150,90 210,230 120,180 230,180",
    "260,120 300,230 340,120 360,230 420,140 470,230",
    "520,60 520,230 600,150 680,230 760,130 900,210",
]


def _check_by_hand(at: datetime) -> dict[str, Any]:
    return GIVING["share-check"].make(at) | {"lines": _DRAWN}


def _sign(at: datetime) -> dict[str, Any]:
    del at
    field = {"width": WIDTH, "height": HEIGHT, "faults": {}, "lines": []}
    return field | {"draft_id": DRAFT, "name": "Dr Ada Example"}


def _sign_again(at: datetime) -> dict[str, Any]:
    return _sign(at) | {"lines": _DRAWN}


def _sign_wrong(at: datetime) -> dict[str, Any]:
    return _sign(at) | {"faults": {"handwriting": "This is too short for a signature."}}


def _paper(at: datetime) -> dict[str, Any]:
    paper = Paper(
        organization_id=UUID(int=70),
        organization_name="Example Hospital",
        digest="5" * 64,
        signed_on=at.date(),
        seen_by="Nina Example",
        seen_as="nurse on ward 3",
        known_by=KnownBy.PHOTO_ID,
    )
    agreed = replace(
        cast.shares(at)[0].terms,
        grantor_name="Dana Example",
        authority=Authority(kind=ON_PAPER, subject_name=cast.OWNER),
    )
    row = SimpleNamespace(
        id=UUID(int=701), recorded_at=at, lapses_at=at + LASTS, first_at=None, second_at=None
    )
    return {
        "row": row,
        "state": PaperState.PREPARED,
        "patient": cast.OWNER,
        "recipient": agreed.recipient.name,
        "first": "Dana Example",
        "second": "",
        "your_turn": True,
        "paper": paper,
        "words": mark_safe(paper_html(agreed, paper)),  # noqa: S308 (escaped where it is built)
        "confirm": GIVING["share-check"].make(at)["confirmation"],
        "at_the_desk": True,
    }


def _paper_waits(at: datetime) -> dict[str, Any]:
    scene = _paper(at) | {"state": PaperState.WAITING}
    scene["row"].first_at = at
    return scene


def _paper_others_turn(at: datetime) -> dict[str, Any]:
    error = "Somebody else at the desk must compare it with the paper."
    return _paper_waits(at) | {"confirm": None, "your_turn": False, "error": error}


def _paper_live(at: datetime) -> dict[str, Any]:
    scene = _paper_others_turn(at) | {"state": PaperState.LIVE, "second": "Ruth Example"}
    scene["row"].second_at = at
    return scene | {"passphrase": "lamp river seven chair", "error": None}


def _paper_of_patient(at: datetime) -> dict[str, Any]:
    return _paper_others_turn(at) | {"at_the_desk": False, "error": None}


def _papers(at: datetime) -> dict[str, Any]:
    others = [_paper_live(at), _paper(at) | {"state": PaperState.LAPSED, "your_turn": False}]
    return {"waiting": [_paper(at), _paper_waits(at)], "others": others, "at_a_desk": True}


def _papers_of_nobody(at: datetime) -> dict[str, Any]:
    del at
    return {"waiting": [], "others": [], "at_a_desk": False}


def _record(at: datetime) -> dict[str, Any]:
    return {
        "said": Said(name="Dr Ada Example"),
        "faults": {},
        "exam": cast.detail(at),
        "marked": [Sensitive.HIV],
        "kinds": list(RecipientKind),
        "purposes": list(Purpose),
        "known_by": list(KnownBy),
        "today": at.date(),
        "oldest": (at - 90 * cast.A_DAY).date(),
        "default_end": (at + 30 * cast.A_DAY).date(),
        "latest_end": (at + 364 * cast.A_DAY).date(),
    }


def _record_wrong(at: datetime) -> dict[str, Any]:
    faults = {
        "patient": "Give the patient's name as it stands on the paper.",
        "known_by": "Say how whoever saw it knew the signer.",
        "scan": "Add the scanned paper: a PDF, a JPEG or a PNG of up to 10 MB.",
    }
    return _record(at) | {"faults": faults}


def _questions(at: datetime) -> dict[str, Any]:
    return {
        "own": [SimpleNamespace(words="Which tree stood before the house?")],
        "lines": [_question_line(number) for number in (1, 2, 3)],
        "faults": {},
        "confirm": GIVING["share-check"].make(at)["confirmation"],
    }


def _question_line(number: int, fault: str = "") -> dict[str, str]:
    return {
        "words": "Which colour was the door?" if fault else "",
        "question": f"question_{number}",
        "answer": f"answer_{number}",
        "question_fault": "",
        "answer_fault": fault,
    }


def _questions_wrong(at: datetime) -> dict[str, Any]:
    fault = "Give an answer of three letters or more."
    lines = [_question_line(1, fault), _question_line(2), _question_line(3)]
    return _questions(at) | {"own": [], "lines": lines, "faults": {"answer_1": fault}}


def _check_with_question(at: datetime) -> dict[str, Any]:
    scene = GIVING["share-check"].make(at)
    question = "Which tree stood before the house?"
    confirmation = replace(scene["confirmation"], question=question)
    confirmation.form.fields["answer"].label = question
    return scene | {"confirmation": confirmation, "lines": []}


SIGNING: Final = {
    "share-check-by-hand": Scene("share/check.html", _check_by_hand),
    "share-sign": Scene("share/sign.html", _sign),
    "share-sign-again": Scene("share/sign.html", _sign_again),
    "share-sign-wrong": Scene("share/sign.html", _sign_wrong),
    "papers": Scene("papers/list.html", _papers, "provider"),
    "papers-none": Scene("papers/list.html", _papers_of_nobody),
    "paper-record": Scene("papers/record.html", _record, "provider"),
    "paper-record-wrong": Scene("papers/record.html", _record_wrong, "provider"),
    "paper": Scene("papers/one.html", _paper, "provider"),
    "paper-waits": Scene("papers/one.html", _paper_waits, "provider"),
    "paper-others-turn": Scene("papers/one.html", _paper_others_turn, "provider"),
    "paper-live": Scene("papers/one.html", _paper_live, "provider"),
    "paper-of-patient": Scene("papers/one.html", _paper_of_patient),
    "account-questions": Scene("account/questions.html", _questions),
    "account-questions-wrong": Scene("account/questions.html", _questions_wrong),
    "share-check-question": Scene("share/check.html", _check_with_question),
}
