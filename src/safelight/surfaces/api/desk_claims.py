"""How does a desk hand a record to its patient, and what does it read of that?

All of it in person, by somebody of the imaging desk or a privacy officer.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from ninja import Field, Router, Schema
from ninja.responses import Status

from safelight.exchange.access.decision import Action
from safelight.exchange.release.claimed import ClaimLine, claim_at_desk, claims_at_desk
from safelight.exchange.release.claiming import end_claim, offer_claim
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import from_text
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.desk_care import Said
from safelight.surfaces.api.forms import Asked, Limit, Line, Offset, OutId, Page, page_of
from safelight.surfaces.api.routes import told

router = Router()
_DESK = told(Action.SHARE, NotFoundError, in_person=True)
_GROUP: Final = 4


class ClaimOut(Schema):
    """One record that waits for its person, or was claimed."""

    id: OutId
    number: str
    patient: str
    made_at: datetime
    expires_at: datetime
    claimed_at: datetime | None
    exams: int


class PatientAsked(Asked):
    """A patient whom your institution knows: both number and day of birth must fit."""

    number: Line
    born_on: date


class ClaimMade(PatientAsked):
    """The patient who stands before you, and how you know that it is them."""

    checked: Said


class OfferedOut(Schema):
    """The code to hand over, which is told this once and kept nowhere."""

    id: OutId
    code: str = Field(description="Good for one patient, who also gives their day of birth.")
    expires_at: datetime


@router.get("desk/claims", response=Page[ClaimOut], **_DESK)
def list_claims(request: Called, limit: Limit = 50, offset: Offset = 0) -> Page[ClaimOut]:
    """List which records wait, and which were claimed. That you read it is on record."""
    lines = claims_at_desk(request.auth, at=clock.now())
    few, beyond = page_of(lines, limit=limit, offset=offset)
    return Page[ClaimOut](items=[_claim(each) for each in few], next_offset=beyond)


@router.post(
    "desk/claims",
    response={201: OfferedOut},
    **told(Action.SHARE, NotFoundError, StateConflictError, in_person=True, takes=True),
)
def offer_record(request: Called, asked: ClaimMade) -> Status[OfferedOut]:
    """Make the code for a patient's record; an earlier one ends."""
    claim, code = offer_claim(
        request.auth,
        asked.number.strip(),
        asked.born_on.isoformat(),
        asked.checked,
        at=clock.now(),
    )
    letters = code.upper()
    grouped = "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))
    return Status(201, OfferedOut(id=claim.pk, code=grouped, expires_at=claim.expires_at))


@router.get("desk/claims/{claim_id}", response=ClaimOut, **_DESK)
def read_claim(request: Called, claim_id: str) -> ClaimOut:
    """Read where one of them is, while it is not over. That you read it is on record."""
    return _claim(claim_at_desk(request.auth, from_text(claim_id), at=clock.now()))


@router.post("desk/claims/{claim_id}/end", response={204: None}, **_DESK)
def end_offered_claim(request: Called, claim_id: str) -> None:
    """End a code that nobody used, or undo a wrong link. Again is harmless."""
    end_claim(request.auth, from_text(claim_id), at=clock.now())


def _claim(line: ClaimLine) -> ClaimOut:
    return ClaimOut(
        id=line.claim_id,
        number=line.number,
        patient=line.patient,
        made_at=line.made_at,
        expires_at=line.expires_at,
        claimed_at=line.claimed_at,
        exams=line.exams,
    )
