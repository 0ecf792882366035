"""Who treats which patient, as the desk of an institution enters, reads and ends it?

All of it in person, by somebody of the imaging desk or a privacy officer.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from ninja import Field, Router, Schema
from ninja.responses import Status
from pydantic import StringConstraints

from safelight.exchange.access.caring.lists import CareLine, care_at_desk
from safelight.exchange.access.caring.relations import (
    LONGEST_TEXT,
    CareWish,
    begin_care,
    clinicians_of,
    desk_vaults,
    end_care,
)
from safelight.exchange.access.decision import Action
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import from_text
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.forms import (
    Asked,
    Id,
    Limit,
    Line,
    Offset,
    OutId,
    Page,
    id_of,
    page_of,
)
from safelight.surfaces.api.routes import told

router = Router()
Said = Annotated[
    str,
    StringConstraints(max_length=LONGEST_TEXT, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$"),
]
"""What somebody at a desk says in their own words."""
_DESK = told(Action.SHARE, NotFoundError, in_person=True)


class WayAsked(StrEnum):
    """By what somebody comes to treat a patient, as a desk enters it."""

    LIST = "list"
    ENCOUNTER = "encounter"
    REFERRAL = "referral"


class ClinicianOut(Schema):
    """Somebody of your institution who can be entered."""

    account: OutId
    name: str


class CareOut(Schema):
    """One who treats one patient, or has care of one exam, until a last moment."""

    id: OutId
    clinician: str
    patient: str
    number: str
    way: WayAsked
    reason: str
    reference: str
    is_of_one_exam: bool
    since: datetime
    until: datetime | None
    entered_by: str


class CareAsked(Asked):
    """Who is to treat whom: the patient by number and day of birth, both as in the exams."""

    number: Line
    born_on: date
    clinician: Id
    way: WayAsked
    reason: Said = Field(description="Why. The patient reads it.")
    reference: Line = Field("", description="Of the visit or the referral; a list needs none.")
    accession: Line = Field("", description="Where it is about one exam alone.")
    starts_on: date | None = None
    ends_on: date


class EnteredOut(Schema):
    """What was entered, and from when to when it holds."""

    id: OutId
    since: datetime
    until: datetime | None


@router.get("desk/clinicians", response=list[ClinicianOut], **_DESK)
def list_clinicians(request: Called) -> list[ClinicianOut]:
    """List whom of your institution you can enter."""
    desk_vaults(request.auth)  # who keeps no list learns of nobody
    return [ClinicianOut(account=one, name=name) for one, name in clinicians_of(request.auth)]


@router.get("desk/care", response=Page[CareOut], **_DESK)
def list_care(request: Called, limit: Limit = 50, offset: Offset = 0) -> Page[CareOut]:
    """List who treats whom by what your desk entered. That you read it is on record."""
    lines = care_at_desk(request.auth, at=clock.now())
    few, beyond = page_of(lines, limit=limit, offset=offset)
    return Page[CareOut](items=[_care(each) for each in few], next_offset=beyond)


@router.post(
    "desk/care",
    response={201: EnteredOut},
    **told(Action.SHARE, NotFoundError, StateConflictError, in_person=True, takes=True),
)
def enter_care(request: Called, asked: CareAsked) -> Status[EnteredOut]:
    """Enter that a clinician treats a patient, which lets them look from the first day on."""
    wish = CareWish(
        number=asked.number.strip(),
        born_on=asked.born_on.isoformat(),
        clinician=id_of(asked.clinician),
        way=asked.way.value,
        reason=asked.reason,
        reference=asked.reference,
        accession=asked.accession,
        starts_on=asked.starts_on.isoformat() if asked.starts_on else "",
        ends_on=asked.ends_on.isoformat(),
    )
    made = begin_care(request.auth, wish, at=clock.now())
    return Status(201, EnteredOut(id=made.pk, since=made.since, until=made.until))


@router.post("desk/care/{relation_id}/end", response={204: None}, **_DESK)
def end_who_treats(request: Called, relation_id: str) -> None:
    """End it: from this second they see nothing by it. Again is harmless."""
    end_care(request.auth, from_text(relation_id), at=clock.now())


def _care(line: CareLine) -> CareOut:
    return CareOut(
        id=line.relation_id,
        clinician=line.name,
        patient=line.patient,
        number=line.number,
        way=WayAsked(line.way.value),
        reason=line.reason,
        reference=line.reference,
        is_of_one_exam=line.is_of_one_exam,
        since=line.since,
        until=line.until,
        entered_by=line.entered_by,
    )
