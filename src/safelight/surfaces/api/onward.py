"""How does a recipient pass on what may be passed on, and ask the patient where it may not?"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from ninja import Field, Router, Schema
from ninja.responses import Status

from safelight.exchange.access.decision import Action
from safelight.exchange.consent.requests import Answer, RequestState
from safelight.exchange.consent.terms import Permission, Purpose
from safelight.exchange.release.errors import FurtherReleaseError
from safelight.exchange.release.sharing.asking import (
    Asked as Request,
)
from safelight.exchange.release.sharing.asking import (
    ask_patient,
    asked_by,
    asked_of,
    begin_request,
    decline_request,
    withdraw_request,
)
from safelight.exchange.release.sharing.drafts import find_draft
from safelight.exchange.release.sharing.onward import Parent, parents_of, start_onward
from safelight.exchange.release.sharing.wishes import LONGEST_NOTE, Wish
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import from_text
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.drafts import DraftOut, draft_out
from safelight.surfaces.api.forms import Asked, Id, Line, OutId
from safelight.surfaces.api.routes import told
from safelight.surfaces.api.terms import FurtherOut, further_out

router = Router()


class ParentOut(Schema):
    """A consent under which the caller may pass something on, and how far it goes."""

    consent: OutId
    patient: str
    permissions: list[Permission]
    further_release: FurtherOut
    ends_at: datetime


class OnwardAsked(Asked):
    """To pass on: under which consent, where there are several."""

    parent: Id | None = None


class WishAsked(Asked):
    """What the patient is asked to agree to."""

    purpose: Purpose
    ends_on: date
    note: str = Field("", max_length=LONGEST_NOTE, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")
    may_download: bool = False
    pass_name: Line = ""
    pass_address: Line = ""


class Side(StrEnum):
    """Whose questions: those asked of the caller, or those the caller asked."""

    RECEIVED = "received"
    SENT = "sent"


class RequestOut(Schema):
    """One question for a consent. `answer` is what its asker may know, `state` its owner."""

    id: OutId
    exam: OutId
    asker: str
    asker_address: str
    places: list[str]
    asked_at: datetime
    ends_at: datetime
    state: RequestState | None
    answer: Answer
    purpose: Purpose
    note: str
    may_download: bool
    ends_on: str
    pass_name: str
    pass_address: str
    consent: OutId | None


@router.get(
    "exams/{exam_id}/pass-on",
    response=list[ParentOut],
    **told(Action.VIEW, NotFoundError, in_person=True),
)
def list_parents(request: Called, exam_id: str) -> list[ParentOut]:
    """List the consents that let you pass on something of an exam; empty where none does."""
    found = parents_of(request.auth, from_text(exam_id), at=clock.now())
    return [_parent(each) for each in found]


@router.post(
    "exams/{exam_id}/pass-on",
    response={201: DraftOut},
    **told(Action.SHARE, NotFoundError, FurtherReleaseError, in_person=True),
)
def begin_onward(request: Called, exam_id: str, asked: OnwardAsked) -> Status[DraftOut]:
    """Begin to pass on an exam, as far as its owner agreed; it is signed like every share."""
    parent = from_text(asked.parent) if asked.parent is not None else None
    draft = start_onward(request.auth, from_text(exam_id), parent, at=clock.now())
    return Status(201, draft_out(request.auth, *find_draft(request.auth, draft.id)))


@router.post(
    "exams/{exam_id}/requests",
    response={201: RequestOut},
    **told(Action.VIEW, NotFoundError, StateConflictError, in_person=True),
)
def ask_for_consent(request: Called, exam_id: str, wish: WishAsked) -> Status[RequestOut]:
    """Ask the owner of an exam for a consent. They can change all of it, or say no."""
    party, at = request.auth, clock.now()
    wished = Wish(
        purpose=wish.purpose,
        note=wish.note,
        may_download=wish.may_download,
        ends_on=wish.ends_on.isoformat(),
        pass_to=(wish.pass_name, wish.pass_address),
    )
    request_id = ask_patient(party, from_text(exam_id), wished, at=at)
    made = next(each for each in asked_by(party, at=at) if each.id == request_id)
    return Status(201, _request(made, Side.SENT))


@router.get("requests", response=list[RequestOut], **told(Action.READ_ACTIVITY))
def list_requests(request: Called, side: Side = Side.RECEIVED) -> list[RequestOut]:
    """List the questions that wait for your answer, or those you asked."""
    ask = asked_of if side is Side.RECEIVED else asked_by
    return [_request(each, side) for each in ask(request.auth, at=clock.now())]


@router.post(
    "requests/{request_id}/draft",
    response={201: DraftOut},
    **told(Action.SHARE, NotFoundError, in_person=True),
)
def begin_requested(request: Called, request_id: str) -> Status[DraftOut]:
    """Begin a share with everything filled in as it was asked for; nothing is shared by this."""
    draft = begin_request(request.auth, from_text(request_id), at=clock.now())
    return Status(201, draft_out(request.auth, *find_draft(request.auth, draft.id)))


@router.post(
    "requests/{request_id}/decline",
    response={204: None},
    **told(Action.SHARE, NotFoundError, in_person=True),
)
def decline_requested(request: Called, request_id: str) -> None:
    """Say no to a question. No reason is asked for, and none is told."""
    decline_request(request.auth, from_text(request_id), at=clock.now())


@router.post(
    "requests/{request_id}/withdraw",
    response={204: None},
    **told(Action.SHARE, NotFoundError, in_person=True),
)
def withdraw_asked(request: Called, request_id: str) -> None:
    """Take back a question of yours."""
    withdraw_request(request.auth, from_text(request_id), at=clock.now())


def _parent(parent: Parent) -> ParentOut:
    terms = parent.terms
    return ParentOut(
        consent=parent.consent_id,
        patient=terms.authority.subject_name or terms.grantor_name,
        permissions=sorted(terms.permissions),
        further_release=further_out(terms.further),
        ends_at=terms.ends_at,
    )


def _request(each: Request, side: Side) -> RequestOut:
    name, address = each.wish.pass_to
    return RequestOut(
        id=each.id,
        exam=each.study_id,
        asker=each.asker,
        asker_address=each.asker_address,
        places=list(each.places),
        asked_at=each.asked_at,
        ends_at=each.ends_at,
        state=each.state if side is Side.RECEIVED else None,
        answer=each.answer,
        purpose=Purpose(each.wish.purpose),
        note=each.wish.note,
        may_download=each.wish.may_download,
        ends_on=each.wish.ends_on,
        pass_name=name,
        pass_address=address,
        consent=each.consent_id,
    )
