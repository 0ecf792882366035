"""How do the pages look by which a desk keeps its list and hands records over?"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from safelight.exchange.access.caring.lists import CareLine
from safelight.exchange.access.caring.reasons import LONGEST_WORDS, CareCause
from safelight.exchange.access.caring.relations import CareWish
from safelight.exchange.access.models import CareWay
from safelight.exchange.release.claimed import ClaimLine
from safelight.exchange.release.deceased import DeathLine
from safelight.surfaces.web.internal import cast
from safelight.surfaces.web.internal.scene import Scene
from safelight.surfaces.web.sharing.way import drawn

_PAGE: Final = "https://safelight.example/records/"
_EMPTY: Final = CareWish(number="", born_on="", clinician="", way="", reason="")


def care_lines(at: datetime) -> list[CareLine]:
    """Return two who treat somebody: by the list, and by a referral for one exam."""
    return [
        CareLine(
            relation_id=UUID(int=900 + number),
            name=name,
            institution="Example Hospital",
            way=way,
            reason=reason,
            reference=reference,
            since=at - cast.A_DAY,
            until=at + days * cast.A_DAY,
            entered_by="Dana Example",
            is_of_one_exam=bool(reference),
            patient="Olga Example",
            number="MRN-7",
        )
        for number, (name, way, reason, reference, days) in enumerate(
            (
                ("Dr Ada Example", CareWay.LIST, "Follow-up of the operation", "", 29),
                ("Dr Dan Example", CareWay.REFERRAL, "Second reading", "R-2026-118", 2),
            )
        )
    ]


def _care(at: datetime) -> dict[str, Any]:
    return {
        "lines": care_lines(at),
        "wish": _EMPTY,
        "faults": {},
        "clinicians": [("1", "Dr Ada Example"), ("2", "Dr Dan Example")],
        "ways": [CareWay.LIST, CareWay.ENCOUNTER, CareWay.REFERRAL],
        "today": at.date(),
        "default_end": (at + 30 * cast.A_DAY).date(),
        "latest_end": (at + 366 * cast.A_DAY).date(),
    }


def _care_wrong(at: datetime) -> dict[str, Any]:
    faults = {
        "number": "No patient here has this number and this day of birth.",
        "reason": "Say why, in up to 500 letters. The patient reads it.",
    }
    return _care(at) | {"lines": [], "faults": faults}


def _claim_lines(at: datetime) -> list[ClaimLine]:
    return [
        ClaimLine(
            claim_id=UUID(int=950 + number),
            institution="Example Hospital",
            number=f"MRN-{number + 7}",
            patient=name,
            made_at=at - 2 * cast.A_DAY,
            expires_at=at + 28 * cast.A_DAY,
            claimed_at=at - cast.A_DAY if number else None,
            exams=3,
        )
        for number, name in enumerate(("Olga Example", "Nora Example"))
    ]


def _claims(at: datetime) -> dict[str, Any]:
    waiting, claimed = _claim_lines(at)
    return {"waiting": [waiting], "claimed": [claimed], "said": {}, "faults": {}}


def _claims_wrong(at: datetime) -> dict[str, Any]:
    faults = {"number": "This record belongs to somebody's account already."}
    said = {"number": "MRN-8", "born_on": "1970-02-03", "checked": "Identity card seen"}
    return _claims(at) | {"waiting": [], "claimed": [], "said": said, "faults": faults}


def _deaths(at: datetime) -> dict[str, Any]:
    lines = [
        DeathLine(
            notice_id=UUID(int=970 + number),
            name=name,
            evidence="Death certificate seen",
            first_at=at - cast.A_DAY,
            second_at=at if number else None,
            may_confirm=not number,
        )
        for number, name in enumerate(("Olga Example", "Nora Example"))
    ]
    return {"lines": lines, "said": {}, "faults": {}}


def _claim(at: datetime) -> dict[str, Any]:
    code = "7K3M-92QD-X4TP"
    drawing = drawn(f"{_PAGE}#{code}")
    return {"line": _claim_lines(at)[0], "code": code, "page": _PAGE, "drawing": drawing}


def _claim_shown(at: datetime) -> dict[str, Any]:
    return _claim(at) | {"code": "", "drawing": ""}


def _records(at: datetime) -> dict[str, Any]:
    return {
        "records": _claim_lines(at)[1:],
        "faults": {},
        "code": "",
        "born_on": "",
        "lamp": cast.lamp(at),
    }


def _records_wrong(at: datetime) -> dict[str, Any]:
    faults = {"code": "This code and this day of birth fit no record that waits for you."}
    wrong = {"records": [], "faults": faults, "code": "7K3M-92QD-X4TQ"}
    return _records(at) | wrong | {"is_reported_dead": True}


def _reason(at: datetime) -> dict[str, Any]:
    del at
    return {
        "causes": list(CareCause),
        "code": "",
        "words": "",
        "longest": LONGEST_WORDS,
        "faults": {},
    }


def _reason_wrong(at: datetime) -> dict[str, Any]:
    faults = {"words": "Say it in a sentence, in up to 300 letters."}
    return _reason(at) | {"code": "other", "faults": faults}


DESK: Final = {
    "desk-care": Scene("desk/care.html", _care, "provider", "desk-care"),
    "desk-care-wrong": Scene("desk/care.html", _care_wrong, "provider", "desk-care"),
    "desk-claims": Scene("desk/claims.html", _claims, "provider", "desk-claims"),
    "desk-claims-wrong": Scene("desk/claims.html", _claims_wrong, "provider", "desk-claims"),
    "desk-deaths": Scene("desk/deaths.html", _deaths, "provider", "desk-claims"),
    "desk-claim": Scene("desk/claim.html", _claim, "provider", "desk-claims"),
    "desk-claim-shown": Scene("desk/claim.html", _claim_shown, "provider", "desk-claims"),
    "records": Scene("records.html", _records),
    "records-wrong": Scene("records.html", _records_wrong),
    "care-reason": Scene("care_reason.html", _reason, "provider"),
    "care-reason-wrong": Scene("care_reason.html", _reason_wrong, "provider"),
}
