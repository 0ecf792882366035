"""How does a program share a copy that does not say whose it is, and look after such copies?"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from ninja import Field, Router, Schema

from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.release.choosing_form import share_as_copy, share_as_it_is
from safelight.exchange.release.copies.discarding import bring_copy_back, remove_copy
from safelight.exchange.release.copies.listing import OwnCopy, copies_page
from safelight.exchange.release.models import CopyingState
from safelight.exchange.release.sharing.copying import CopyInHand, copy_in_hand
from safelight.exchange.release.sharing.drafts import Choices
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import from_text
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.forms import Asked, Limit, Offset, OutId, Page
from safelight.surfaces.api.routes import told

router = Router()


class MakingOut(StrEnum):
    """How far a copy is. Of `nothing` there is nothing that can be in one; `failed`: ask anew."""

    MAKING = "making"
    READY = "ready"
    NOTHING = "nothing"
    FAILED = "failed"


_STATES: Final = {
    CopyingState.MAKING: MakingOut.MAKING,
    CopyingState.READY: MakingOut.READY,
    CopyingState.NOTHING: MakingOut.NOTHING,
}


class CopyAsked(Asked):
    """How a copy is wanted."""

    looked_at: bool = Field(
        False,
        description=(
            "That the person has looked at the pictures in which words are common (ultrasound, "
            "photographs, screens). Without it these are left out."
        ),
    )


class MadeCopyOut(Schema):
    """The copy without a name that a draft shares instead of its exams.

    `wanted` and `copied` count objects, and so do the reasons why some are left out. `exams`
    are the copies, to be looked at before they are shared.
    """

    state: MakingOut
    is_current: bool = Field(description="False: something else was chosen since. Ask for it anew.")
    looked_at: bool
    wanted: int
    copied: int
    not_looked_at: int = Field(description="May have words in them, and nobody said they looked.")
    never_copied: int = Field(description="Reports, documents and films say too much.")
    unreadable: int
    exams: list[OutId]


class KeptOut(StrEnum):
    """Whether a copy is there."""

    KEPT = "kept"
    REMOVED = "removed"


class CopyOut(Schema):
    """One copy without a name, which is an exam of its own. `profile` says how it was made."""

    id: OutId
    original: OutId | None = Field(description="The exam it is of, where you decide about that.")
    title: str
    profile: str
    made_at: datetime
    was_shared: bool = Field(description="Whether any consent ever named it.")
    state: KeptOut
    until: datetime | None = Field(description="Until when a removed one can be brought back.")


@router.put(
    "drafts/{draft_id}/copy",
    response=MadeCopyOut,
    **told(Action.PREPARE, NotFoundError, StateConflictError),
)
def make_copy(request: Called, draft_id: str, asked: CopyAsked) -> MadeCopyOut | None:
    """Share a copy without a name instead.

    It is made of what is chosen, at once or by a job: read the draft until it says `ready`.
    Nothing is shared by making it. Passing on and results to come are no longer chosen then.
    The same asked again is the same copy; one that nobody was shown goes when another is made.
    """
    party, identity, at = request.auth, from_text(draft_id), clock.now()
    choices = share_as_copy(party, identity, looked_at=asked.looked_at, at=at)
    return made_copy_out(party, choices)


@router.delete(
    "drafts/{draft_id}/copy",
    response={204: None},
    **told(Action.PREPARE, NotFoundError, StateConflictError),
)
def drop_copy(request: Called, draft_id: str) -> None:
    """Share the exams as they are after all. A copy that nobody was shown goes."""
    share_as_it_is(request.auth, from_text(draft_id), at=clock.now())


@router.get("copies", response=Page[CopyOut], **told(Action.READ_ACTIVITY, NotFoundError))
def list_copies(request: Called, limit: Limit = 50, offset: Offset = 0) -> Page[CopyOut]:
    """List the copies without a name of exams you decide about, the newest first."""
    found, more = copies_page(request.auth, at=clock.now(), limit=limit, offset=offset)
    items = [_copy(each) for each in found]
    return Page[CopyOut](items=items, next_offset=offset + limit if more else None)


@router.delete("copies/{copy_id}", response={204: None}, **told(Action.REMOVE, NotFoundError))
def remove_one(request: Called, copy_id: str) -> None:
    """Remove a copy, also for whoever it was shared with. Seven days long it can be undone."""
    remove_copy(request.auth, from_text(copy_id), at=clock.now())


@router.post(
    "copies/{copy_id}/bring-back",
    response={204: None},
    **told(Action.REMOVE, NotFoundError, StateConflictError),
)
def bring_back_one(request: Called, copy_id: str) -> None:
    """Undo the removal of a copy."""
    bring_copy_back(request.auth, from_text(copy_id), at=clock.now())


def made_copy_out(party: Party, choices: Choices) -> MadeCopyOut | None:
    """Return the copy of a draft as a program reads it; None where exams are shared as they are."""
    held = copy_in_hand(party, choices)
    return _made(held) if held is not None else None


def _made(held: CopyInHand) -> MadeCopyOut:
    return MadeCopyOut(
        state=MakingOut.FAILED if held.has_failed else _STATES[held.state],
        is_current=held.is_current,
        looked_at=held.looked_at,
        wanted=held.wanted,
        copied=held.copied,
        not_looked_at=held.not_looked_at,
        never_copied=held.never_copied,
        unreadable=held.unreadable,
        exams=list(held.studies),
    )


def _copy(each: OwnCopy) -> CopyOut:
    return CopyOut(
        id=each.study_id,
        original=each.original_id,
        title=each.title,
        profile=each.profile,
        made_at=each.made_at,
        was_shared=each.was_shared,
        state=KeptOut.REMOVED if each.removed_until else KeptOut.KEPT,
        until=each.removed_until,
    )
