"""How do the pages look by which two let something be done, and by which a glass is broken?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from safelight.exchange.access.powers.asking import Wish
from safelight.exchange.access.powers.deeds import Deed
from safelight.exchange.access.powers.emergency import Emergency
from safelight.exchange.access.powers.kinds import (
    ApprovalKind,
    ApprovalState,
    Cause,
    EmergencyCause,
)
from safelight.exchange.access.powers.lists import AccessLine, RequestLine
from safelight.exchange.release.hours import Seen
from safelight.records.accounts.models import StaffRole
from safelight.surfaces.web.internal import cast
from safelight.surfaces.web.internal.giving_scenes import GIVING
from safelight.surfaces.web.internal.scene import Scene

_HOUR: Final = timedelta(hours=1)
_STAFF: Final = {"staff_roles": frozenset(StaffRole)}
_LINE: Final = "key_export key/root needed=2 shares=3"
_STUDY: Final = "study/0199f0aa-1c2e-7d10-9b1e-5f2f4d0a7c11"


def _request(at: datetime) -> RequestLine:
    return RequestLine(
        approval_id=UUID(int=700),
        kind="key_export",
        deed=_LINE,
        cause="recovery",
        reason="The yearly exercise of the recovery plan",
        ticket="OPS-17",
        asked_by="Ada Example",
        asked_at=at - 2 * _HOUR,
        decided_by="",
        until=at + 22 * _HOUR,
        state=ApprovalState.WAITING,
        is_own=False,
        may_decide=True,
        may_begin=False,
        may_cancel=False,
    )


def _own(at: datetime) -> RequestLine:
    return replace(
        _request(at),
        kind="elevation",
        deed=f"elevation {_STUDY} hours=2",
        cause="incident",
        reason="The exam does not open for its owner",
        decided_by="Sam Example",
        until=at + 3 * _HOUR,
        state=ApprovalState.APPROVED,
        is_own=True,
        may_decide=False,
        may_begin=True,
        may_cancel=True,
    )


def _access(at: datetime) -> AccessLine:
    return AccessLine(
        access_id=UUID(int=710),
        way="elevation",
        who="Ada Example",
        subject=_STUDY,
        cause="incident",
        reason="The exam does not open for its owner",
        ticket="INC-4",
        began_at=at - _HOUR,
        ends_at=at + _HOUR,
        is_live=True,
        is_own=True,
        review_due_at=at + 47 * _HOUR,
        is_overdue=False,
        reviewed_at=None,
        reviewed_by="",
        verdict="",
        verdict_words="",
        owner_told_at=at - _HOUR,
        notice_due_at=at - _HOUR,
        may_hold_notice=False,
    )


def _emergency_line(at: datetime) -> AccessLine:
    return replace(
        _access(at),
        way="break-glass",
        who="Dora Example",
        subject="patient/0199f0aa-1c2e-7d10-9b1e-5f2f4d0a7c12",
        cause="unconscious",
        reason="Found on the street, may have had an operation",
        ticket="",
        is_own=False,
        owner_told_at=None,
        notice_due_at=at + 20 * _HOUR,
        may_hold_notice=True,
    )


def _overdue(at: datetime) -> AccessLine:
    began = at - 5 * cast.A_DAY
    return replace(
        _emergency_line(at),
        access_id=UUID(int=711),
        began_at=began,
        ends_at=began + 4 * _HOUR,
        is_live=False,
        review_due_at=at - cast.A_DAY,
        is_overdue=True,
        owner_told_at=began,
        may_hold_notice=False,
    )


def _reviewed(at: datetime) -> AccessLine:
    return replace(
        _overdue(at),
        access_id=UUID(int=712),
        is_overdue=False,
        reviewed_at=at - 2 * cast.A_DAY,
        reviewed_by="Olga Example",
        verdict="unjustified",
        verdict_words="The patient was not in the house that day",
    )


def _powers(at: datetime) -> dict[str, Any]:
    over = replace(_request(at), state=ApprovalState.REFUSED, decided_by="Sam Example")
    return _STAFF | {
        "waiting": [_request(at)],
        "open": [_own(at)],
        "over": [replace(over, may_decide=False)],
        "own": [_access(at)],
        "reviews": [replace(_overdue(at), way="elevation", ticket="INC-2")],
    }


def _powers_none(at: datetime) -> dict[str, Any]:
    del at
    return _STAFF | {"waiting": [], "open": [], "over": [], "own": [], "reviews": []}


def _confirm(at: datetime) -> object:
    return GIVING["share-check"].make(at)["confirmation"]


def _power(at: datetime) -> dict[str, Any]:
    return _STAFF | {"line": _request(at), "confirm": _confirm(at), "error": None} | _BELOW


_BELOW: Final = {"room": "operator-powers"}


def _ask(at: datetime) -> dict[str, Any]:
    del at
    said = dict.fromkeys(("subject", "hours", "deed", "cause", "reason", "ticket"), "")
    return (
        _STAFF
        | _BELOW
        | {
            "form": "look",
            "said": said,
            "faults": {},
            "causes": list(Cause),
            "hours": ["1", "2", "3", "4"],
        }
    )


def _ask_wrong(at: datetime) -> dict[str, Any]:
    faults = {
        "deed": "Copy the line exactly as the command printed it.",
        "cause": "Choose why you ask.",
        "reason": "Say why, in up to 500 letters.",
    }
    return _ask(at) | {"form": "act", "faults": faults}


def _check(at: datetime) -> dict[str, Any]:
    deed = Deed(
        kind=ApprovalKind.KEY_EXPORT, subject="key/root", details={"needed": "2", "shares": "3"}
    )
    wish = Wish(deed=deed, cause="recovery", reason="The yearly exercise", ticket="OPS-17")
    said = {"deed": deed.line}
    return _STAFF | _BELOW | {"form": "act", "wish": wish, "said": said, "confirm": _confirm(at)}


_EMERGENCY: Final = Emergency(
    number="MRN-7",
    born_on="1970-02-03",
    cause="unconscious",
    reason="Found on the street, may have had an operation",
)


def _glass(at: datetime) -> dict[str, Any]:
    return {
        "emergency": replace(_EMERGENCY, number="", born_on="", cause="", reason=""),
        "faults": {},
        "causes": list(EmergencyCause),
        "own": [replace(_overdue(at), is_own=True)],
        "today": at.date(),
    }


def _glass_wrong(at: datetime) -> dict[str, Any]:
    faults = {
        "number": "No patient here has this number and this day of birth.",
        "cause": "Choose what makes it an emergency.",
    }
    return _glass(at) | {"emergency": _EMERGENCY, "faults": faults, "own": []}


def _glass_check(at: datetime) -> dict[str, Any]:
    born = date.fromisoformat(_EMERGENCY.born_on)
    return {"emergency": _EMERGENCY, "born": born, "confirm": _confirm(at)}


def _reviews(at: datetime) -> dict[str, Any]:
    return {"waiting": [_overdue(at), _emergency_line(at)], "done": [_reviewed(at)]}


def _review(at: datetime) -> dict[str, Any]:
    seen = [Seen(at=at - _HOUR / 2, study_id=UUID(int=720), pictures=24)]
    return {"line": _emergency_line(at), "seen": seen, "faults": {}, "said": {}}


def _review_wrong(at: datetime) -> dict[str, Any]:
    faults = {"verdict": "Say whether it was justified."}
    return _review(at) | {"line": _overdue(at), "seen": [], "faults": faults}


POWERS: Final = {
    "powers": Scene("operator/powers.html", _powers, here="operator-powers"),
    "powers-none": Scene("operator/powers.html", _powers_none, here="operator-powers"),
    "power": Scene("operator/power.html", _power, here="operator-power"),
    "power-ask": Scene("operator/power_ask.html", _ask, here="operator-power-look"),
    "power-ask-wrong": Scene("operator/power_ask.html", _ask_wrong, here="operator-power-act"),
    "power-check": Scene("operator/power_check.html", _check, here="operator-power-act"),
    "break-glass": Scene("desk/break_glass.html", _glass, "provider"),
    "break-glass-wrong": Scene("desk/break_glass.html", _glass_wrong, "provider"),
    "break-glass-check": Scene("desk/break_glass_check.html", _glass_check, "provider"),
    "reviews": Scene("officer/emergencies.html", _reviews, "officer", "access-reviews"),
    "review": Scene("officer/emergency.html", _review, "officer", "access-review"),
    "review-wrong": Scene("officer/emergency.html", _review_wrong, "officer", "access-review"),
}
