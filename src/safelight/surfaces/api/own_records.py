"""Which records of hospitals are the caller's own, and how does that begin and end?

All of it in person: a token claims no record.
"""

from __future__ import annotations

from datetime import date, datetime

from ninja import Field, Router, Schema
from ninja.responses import Status

from safelight.exchange.access.decision import Action
from safelight.exchange.release.claimed import ClaimLine, claimed_by
from safelight.exchange.release.claiming import claim_record, disown_record
from safelight.exchange.release.deceased import is_reported_dead, still_alive
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import from_text
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.forms import Asked, Line, OutId
from safelight.surfaces.api.routes import told

router = Router()
_MINE = told(Action.SHARE, NotFoundError, in_person=True)


class RecordOut(Schema):
    """One record of a hospital that is yours; the hospital keeps it."""

    id: OutId
    institution: str
    number: str
    claimed_at: datetime | None
    exams: int


class RecordsOut(Schema):
    """The records that you claimed."""

    items: list[RecordOut]
    is_reported_dead: bool = Field(description="A hospital said that you have died. Say if not.")


class RecordAsked(Asked):
    """The code that the desk handed you, and your day of birth as the hospital has it."""

    code: Line
    born_on: date


@router.get("records", response=RecordsOut, **told(Action.SHARE, in_person=True))
def list_records(request: Called) -> RecordsOut:
    """List the records that you claimed and still own."""
    found = claimed_by(request.auth)
    return RecordsOut(
        items=[_record(each) for each in found], is_reported_dead=is_reported_dead(request.auth)
    )


@router.post(
    "records",
    response={201: RecordOut},
    **told(Action.SHARE, NotFoundError, in_person=True, takes=True),
)
def claim_own_record(request: Called, asked: RecordAsked) -> Status[RecordOut]:
    """Make a hospital's record your own. Whatever does not fit has one answer."""
    claim = claim_record(request.auth, asked.code, asked.born_on.isoformat(), at=clock.now())
    (line,) = [each for each in claimed_by(request.auth) if each.claim_id == claim.pk]
    return Status(201, _record(line))


@router.post("records/{claim_id}/not-mine", response={204: None}, **_MINE)
def disown_own_record(request: Called, claim_id: str) -> None:
    """Say that a record is not yours: it leaves your account, and what you shared of it ends."""
    disown_record(request.auth, from_text(claim_id), at=clock.now())


@router.post("records/alive", response={204: None}, **_MINE)
def say_still_alive(request: Called) -> None:
    """Say that the note of your own death is wrong, while nobody has confirmed it."""
    still_alive(request.auth, at=clock.now())


def _record(line: ClaimLine) -> RecordOut:
    return RecordOut(
        id=line.claim_id,
        institution=line.institution,
        number=line.number,
        claimed_at=line.claimed_at,
        exams=line.exams,
    )
