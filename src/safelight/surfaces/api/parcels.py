"""What did somebody send the caller, or a desk of the caller's, by a link, and is it let in?

All of it in person: no program decides what comes among a person's own exams.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Field, Router, Schema
from pydantic import StringConstraints

from safelight.exchange.access.decision import Action
from safelight.exchange.receive.asked.accepting import (
    Delivered,
    Whose,
    delivered_to,
    refuse_parcel,
    take_in_parcel,
)
from safelight.exchange.receive.asked.accepting import read_parcel as look_into
from safelight.exchange.receive.asked.contents import PAPERS, Somebody
from safelight.exchange.receive.asked.rules import MOST_FILES
from safelight.exchange.receive.errors import NotAsAskedError
from safelight.exchange.receive.models import Parcel, ParcelState
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import from_text
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.forms import Asked, Limit, Offset, OutId, Page, page_of
from safelight.surfaces.api.routes import told

router = Router()
_Key = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,5}$")]
_NOTHING = "nothing"


class SenderOut(Schema):
    """Who somebody says they are. Nobody has checked it.

    `has_read_the_code` says that they read the mail of the address that the link names.
    """

    name: str
    address: str
    relation: str
    has_read_the_code: bool


class ParcelOut(Schema):
    """One parcel. `left_out` counts files that could not be kept; `size` is in bytes."""

    id: OutId
    link: OutId
    state: ParcelState
    sender: SenderOut
    files: int
    left_out: int
    size: int
    came_at: datetime
    decided_at: datetime | None


class SentExamOut(Schema):
    """One exam in a parcel, as its files say."""

    title: str
    on: date | None
    files: int


class PersonOut(Schema):
    """One person whose images are in a parcel; `key` stands for them while it waits."""

    key: str
    name: str
    birth_date: date | None
    files: int
    exams: list[SentExamOut]
    is_named_otherwise: bool = Field(description="The name is not yours: it is not added as yours.")


class ParcelDetailOut(ParcelOut):
    """One parcel with what is in it, which is told only while it waits."""

    whom: str
    is_for_desk: bool
    people: list[PersonOut]
    papers: list[str]


class Accepted(Asked):
    """Who each person in a parcel is, by key, or that they are left out.

    A desk takes all of it and names nobody.
    """

    people: dict[_Key, Whose] = Field(default_factory=dict, max_length=MOST_FILES)
    papers: bool = True
    believed_right: Literal[True] = Field(
        description="That these may be added, and that you believe them to be right."
    )


@router.get("parcels", response=Page[ParcelOut], **told(Action.SHARE, in_person=True))
def list_parcels(
    request: Called, state: ParcelState | None = None, limit: Limit = 50, offset: Offset = 0
) -> Page[ParcelOut]:
    """List what came for you and your desks, the newest first; `state=waiting` to be decided."""
    fits = [each for each in delivered_to(request.auth) if state in {None, each.state}]
    few, beyond = page_of(fits, limit=limit, offset=offset)
    return Page[ParcelOut](items=[_parcel(each) for each in few], next_offset=beyond)


@router.get(
    "parcels/{parcel_id}",
    response=ParcelDetailOut,
    **told(Action.SHARE, NotFoundError, in_person=True),
)
def read_parcel(request: Called, parcel_id: str) -> ParcelDetailOut:
    """Look into a parcel, to decide about it. That you looked is on record."""
    return _detail(look_into(request.auth, from_text(parcel_id), at=clock.now()))


@router.post(
    "parcels/{parcel_id}/accept",
    response=ParcelOut,
    **told(Action.SHARE, NotFoundError, StateConflictError, in_person=True, takes=True),
)
def accept_parcel(request: Called, parcel_id: str, accepted: Accepted) -> ParcelOut:
    """Let a parcel in: each person in it is who you say. It is added in the background."""
    party, identity = request.auth, from_text(parcel_id)
    said = {key: answer.value for key, answer in accepted.people.items()}
    said[PAPERS] = Whose.MINE if accepted.papers else Whose.LEAVE_OUT
    try:
        take_in_parcel(party, identity, said, at=clock.now())
    except NotAsAskedError as wrong:
        raise NotAsAskedError(_by_field(wrong.faults)) from None
    (parcel,) = [each for each in delivered_to(party) if each.pk == identity]
    return _parcel(parcel)


@router.post(
    "parcels/{parcel_id}/refuse",
    response={204: None},
    **told(Action.SHARE, NotFoundError, StateConflictError, in_person=True),
)
def turn_parcel_down(request: Called, parcel_id: str) -> None:
    """Send a parcel away, unread: its bytes are gone at once, and its sender is not told."""
    refuse_parcel(request.auth, from_text(parcel_id), at=clock.now())


def _by_field(faults: dict[str, str]) -> dict[str, str]:
    return {
        "people" if key == _NOTHING else f"people.{key}": words for key, words in faults.items()
    }


def _parcel(parcel: Parcel) -> ParcelOut:
    sender = parcel.sender
    return ParcelOut(
        id=parcel.pk,
        link=parcel.request_id,
        state=ParcelState(parcel.state),
        sender=SenderOut(
            name=sender.name or "",
            address=sender.address or "",
            relation=sender.relation or "",
            has_read_the_code=sender.read_the_code,
        ),
        files=parcel.files,
        left_out=parcel.left_out,
        size=parcel.size,
        came_at=parcel.finished_at or parcel.started_at,
        decided_at=parcel.decided_at,
    )


def _detail(found: Delivered) -> ParcelDetailOut:
    return ParcelDetailOut(
        **_parcel(found.parcel).model_dump(exclude={"id", "link"}),
        id=found.parcel.pk,
        link=found.parcel.request_id,
        whom=found.whom,
        is_for_desk=found.is_for_desk,
        people=[_person(one, is_other=one.key in found.strangers) for one in found.people],
        papers=list(found.papers),
    )


def _person(one: Somebody, *, is_other: bool) -> PersonOut:
    return PersonOut(
        key=one.key,
        name=one.name,
        birth_date=one.birth_date,
        files=one.files,
        exams=[SentExamOut(title=each.title, on=each.on, files=each.files) for each in one.exams],
        is_named_otherwise=is_other,
    )
