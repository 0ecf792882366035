"""In which states do the pages of acting for somebody exist?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

from django.utils.safestring import mark_safe

from safelight.exchange.access.facts import Power
from safelight.exchange.access.representing.asking import Claim
from safelight.exchange.access.representing.helping import Help, words_of_help
from safelight.exchange.access.representing.lists import Acting
from safelight.exchange.consent.terms import Authority
from safelight.exchange.consent.text import shown_html
from safelight.exchange.release.viewing.overview import ExamSummary
from safelight.records.accounts.models import Account, Evidence, Representative
from safelight.surfaces.web.account.confirmation import Confirmation
from safelight.surfaces.web.account.forms import ConfirmForm
from safelight.surfaces.web.internal import cast
from safelight.surfaces.web.internal.scene import DRAFT, Make, Scene
from safelight.surfaces.web.templatetags.acting_tags import KINDS

_CAROLINE: Final = "Caroline Example"
_MIA: Final = UUID(int=704)
_HELP: Final = Help(name=_CAROLINE, address="caroline@people.example", may_share=True)
_HOUSE: Final = [(UUID(int=900), "Example Hospital"), (UUID(int=901), "Example Practice")]


def _acting(
    number: int, kind: str, state: str, name: str, *, at: datetime, may_end: bool = True
) -> Acting:
    return Acting(
        representative_id=UUID(int=700 + number),
        kind=kind,
        state=state,
        name=name,
        powers=frozenset({Power.LOOK, Power.SHARE}),
        since=None if state in {"invited", "pending"} else at - 40 * cast.A_DAY,
        until=at + 900 * cast.A_DAY if kind == "parent" else None,
        is_until_majority=kind == "parent",
        may_end=may_end,
        asked_at=at - 41 * cast.A_DAY,
    )


def _mine(at: datetime) -> dict[str, Any]:
    return {
        "invited": [],
        "paused": [],
        "mine": [
            _acting(1, "helper", "verified", _CAROLINE, at=at),
            _acting(2, "helper", "invited", "Ben Example", at=at),
            _acting(3, "proxy", "ended", "Dan Example", at=at, may_end=False),
        ],
        "theirs": [
            _acting(4, "parent", "verified", "Mia Example", at=at),
            _acting(5, "guardian", "disputed", "Noa Example", at=at),
            _acting(6, "parent", "pending", "Tom Example", at=at),
        ],
    }


def _activity(at: datetime) -> dict[str, Any]:
    return {
        "happenings": cast.happenings(at)[:3],
        "titles": {each.study_id: each.title for each in cast.exams(at)},
        "exam": None,
        "whose": "Mia Example",
        "representative_id": DRAFT,
        "older": "",
    }


def _mine_empty(at: datetime) -> dict[str, Any]:
    del at
    return {"invited": [], "paused": [], "mine": [], "theirs": []}


def _mine_waiting(at: datetime) -> dict[str, Any]:
    row = Representative(id=UUID(int=701), represented_name="Nora Example")
    words = mark_safe(words_of_help("Nora Example", _HELP))  # noqa: S308 (escaped where built)
    paused = SimpleNamespace(pk=UUID(int=501))
    agreed = cast.shares(at)[0].terms
    left = SimpleNamespace(pk=UUID(int=502))
    return _mine_empty(at) | {
        "invited": [(row, words)],
        "paused": [(paused, agreed), (left, agreed)],
        "left": {left.pk},
    }


def _help(at: datetime) -> dict[str, Any]:
    return {
        "help": Help(name="", address=""),
        "faults": {},
        "today": at.date(),
        "latest_end": (at + timedelta(days=365)).date(),
    }


def _help_wrong(at: datetime) -> dict[str, Any]:
    return _help(at) | {"help": _HELP, "faults": {"address": "Give one complete e-mail address."}}


def _help_check(at: datetime) -> dict[str, Any]:
    del at
    return {
        "help": _HELP,
        "words": mark_safe(words_of_help(cast.OWNER, _HELP)),  # noqa: S308 (escaped where built)
        "confirm": _confirm(),
    }


def _confirm() -> Confirmation:
    form = ConfirmForm(initial={"challenge": DRAFT})
    return Confirmation(form, {"publicKey": {"challenge": "AAAA"}}, has_app=True)


def _ask(at: datetime) -> dict[str, Any]:
    return {
        "claim": Claim(kind="", name="", organization_id=""),
        "faults": {},
        "institutions": _HOUSE,
        "acting_kinds": [(kind, words) for kind, words in KINDS.items() if kind != "helper"],
        "own_exams": cast.exams(at),
    }


def _ask_wrong(at: datetime) -> dict[str, Any]:
    faults = {
        "kind": "Choose by what right you act.",
        "words": "Say what shows your right to act, or add a paper.",
        "organization": "Choose the institution that shall verify it.",
    }
    return _ask(at) | {"faults": faults}


def _keep(at: datetime) -> dict[str, Any]:
    agreed = cast.shares(at)[0].terms
    words = "<p>You, Patient Example, acting for Mia Example as parent, are letting …</p>"
    return {
        "consent_id": DRAFT,
        "terms": agreed,
        "words": mark_safe(words),  # noqa: S308 (written above)
        "confirm": _confirm(),
    }


def _row(number: int, state: str, at: datetime, *, is_checked: bool = False) -> Representative:
    return Representative(
        id=UUID(int=710 + number),
        kind="parent",
        state=state,
        account=Account(id=UUID(int=2), name=cast.OWNER),
        represented_name="Mia Example",
        represented_address="mia@people.example",
        born_on="2015-05-05",
        jurisdiction="DE",
        ends_on="",
        may_share=True,
        first_by_id=UUID(int=5) if is_checked else None,
        asked_at=at - cast.A_DAY,
    )


def _staff(at: datetime) -> dict[str, Any]:
    return {
        "waiting": [_row(1, "pending", at), _row(2, "pending", at, is_checked=True)],
        "others": [_row(3, "disputed", at), _row(4, "verified", at), _row(5, "ended", at)],
    }


def _staff_one(state: str, **more: bool) -> Make:
    def make(at: datetime) -> dict[str, Any]:
        evidence = Evidence(
            id=UUID(int=800),
            by=Account(id=UUID(int=2), name=cast.OWNER),
            note="Birth certificate, number 29.",
            paper=b"%PDF",
            added_at=at - cast.A_DAY,
        )
        return {
            "row": _row(1, state, at),
            "evidence": [evidence],
            "did_first": False,
            "is_known": True,
            "may_block": True,
        } | more

    return make


def _of_mia(exam: ExamSummary) -> ExamSummary:
    """Make an exam one of the child for whom the reader acts."""
    return replace(exam, way="representative", representative_id=_MIA, for_whom="Mia Example")


def _exams(at: datetime) -> dict[str, Any]:
    own = cast.exams(at)
    return {
        "exams": [_of_mia(own[1]), own[0], _of_mia(own[3]), own[4]],
        "query": "",
        "show": "",
        "total": 4,
        "removed": [],
        "people": [(_MIA, "Mia Example")],
        "whose": "",
        "lamp": cast.lamp(at),
    }


def _exam(at: datetime) -> dict[str, Any]:
    own = cast.detail(at)
    mother = replace(cast.seers(at)[0], name="Mother Example", way="representative")
    return {
        "exam": replace(own, summary=_of_mia(own.summary), may_remove=False),
        "seers": [replace(cast.seers(at)[0], name="Mia Example"), mother],
        "activity": cast.happenings(at)[:2],
        "lamp": cast.lamp(at),
    }


def _check(at: datetime) -> dict[str, Any]:
    mia = Authority(kind="parent", representative_id=_MIA, subject_name="Mia Example")
    agreed = replace(cast.shares(at)[0].terms, authority=mia)
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


ACTING: Final = {
    "acting-exams": Scene("exams.html", _exams, here="exams"),
    "acting-exam": Scene("exam.html", _exam),
    "acting-share-check": Scene("share/check.html", _check),
    "acting": Scene("acting/mine.html", _mine),
    "acting-empty": Scene("acting/mine.html", _mine_empty),
    "acting-activity": Scene("activity.html", _activity),
    "acting-waiting": Scene("acting/mine.html", _mine_waiting),
    "acting-help": Scene("acting/help.html", _help),
    "acting-help-wrong": Scene("acting/help.html", _help_wrong),
    "acting-help-check": Scene("acting/help_check.html", _help_check),
    "acting-ask": Scene("acting/ask.html", _ask),
    "acting-ask-wrong": Scene("acting/ask.html", _ask_wrong),
    "acting-keep": Scene("acting/keep.html", _keep),
    "staff-acting": Scene("officer/acting.html", _staff, "officer"),
    "staff-acting-one": Scene("officer/acting_one.html", _staff_one("pending"), "officer"),
    "staff-acting-unknown": Scene(
        "officer/acting_one.html", _staff_one("pending", is_known=False), "officer"
    ),
    "staff-acting-disputed": Scene("officer/acting_one.html", _staff_one("disputed"), "officer"),
}
