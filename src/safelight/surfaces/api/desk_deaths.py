"""How do two of a desk note that a patient has died, and undo an error?

All of it in person, by somebody of the imaging desk or a privacy officer.
"""

from __future__ import annotations

from datetime import datetime

from ninja import Field, Router, Schema
from ninja.responses import Status

from safelight.exchange.access.decision import Action
from safelight.exchange.release.deceased import (
    DeathLine,
    confirm_death,
    deaths_at_desk,
    report_death,
    undo_death,
)
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import from_text
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.desk_care import Said
from safelight.surfaces.api.desk_claims import PatientAsked
from safelight.surfaces.api.forms import Limit, Offset, OutId, Page, page_of
from safelight.surfaces.api.routes import told

router = Router()
_DESK = told(Action.SHARE, NotFoundError, in_person=True)


class DeathOut(Schema):
    """One notice that stands; nothing follows from it before a second has confirmed it."""

    id: OutId
    name: str
    evidence: str
    first_at: datetime
    second_at: datetime | None
    may_confirm: bool = Field(description="It waits, and somebody else said it first.")


class DeathAsked(PatientAsked):
    """Who has died, and what shows it."""

    evidence: Said


class NotedOut(Schema):
    """What was noted."""

    id: OutId
    first_at: datetime


@router.get("desk/deaths", response=Page[DeathOut], **_DESK)
def list_deaths(request: Called, limit: Limit = 50, offset: Offset = 0) -> Page[DeathOut]:
    """List what was said at your institution and stands. That you read it is on record."""
    lines = deaths_at_desk(request.auth, at=clock.now())
    few, beyond = page_of(lines, limit=limit, offset=offset)
    return Page[DeathOut](items=[_death(each) for each in few], next_offset=beyond)


@router.post(
    "desk/deaths",
    response={201: NotedOut},
    **told(Action.SHARE, NotFoundError, StateConflictError, in_person=True, takes=True),
)
def note_death(request: Called, asked: DeathAsked) -> Status[NotedOut]:
    """Say that a patient has died whose record is their own, and what shows it."""
    notice = report_death(
        request.auth,
        asked.number.strip(),
        asked.born_on.isoformat(),
        asked.evidence,
        at=clock.now(),
    )
    return Status(201, NotedOut(id=notice.pk, first_at=notice.first_at))


@router.post(
    "desk/deaths/{notice_id}/confirm",
    response={204: None},
    **told(Action.SHARE, NotFoundError, StateConflictError, in_person=True),
)
def confirm_noted_death(request: Called, notice_id: str) -> None:
    """Confirm it, as a second person: the account closes, and shares for treatment pause."""
    confirm_death(request.auth, from_text(notice_id), at=clock.now())


@router.post("desk/deaths/{notice_id}/undo", response={204: None}, **_DESK)
def undo_noted_death(request: Called, notice_id: str) -> None:
    """Undo an error: the account is what it was, and what had not ended goes on."""
    undo_death(request.auth, from_text(notice_id), at=clock.now())


def _death(line: DeathLine) -> DeathOut:
    return DeathOut(
        id=line.notice_id,
        name=line.name,
        evidence=line.evidence,
        first_at=line.first_at,
        second_at=line.second_at,
        may_confirm=line.may_confirm,
    )
