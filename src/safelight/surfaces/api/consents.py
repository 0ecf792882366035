"""What did the caller agree to, what was agreed for them, and how is it taken back?"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from ninja import Field, Router, Schema

from safelight.exchange.access.decision import Action
from safelight.exchange.consent.rules import Refusal
from safelight.exchange.consent.terms import Audience
from safelight.exchange.release.board import SharedWith, consent_of, shared_by
from safelight.exchange.release.history import Step, history_of
from safelight.exchange.release.received import Received, received_by
from safelight.exchange.release.sharing.pausing import pause_share, resume_share
from safelight.exchange.release.sharing.proof import let_in
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.exchange.release.signed import terms_of, words_of
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import from_text
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.forms import Limit, Offset, OutId, Page, page_of
from safelight.surfaces.api.routes import ENDED_SHARE, told
from safelight.surfaces.api.terms import TermsOut, terms_out

router = Router()


class StateOut(StrEnum):
    """Whether a consent still lets somebody look."""

    LIVE = "live"
    PAUSED = "paused"
    ENDED = "ended"


_STATES: Final = {None: StateOut.LIVE, Refusal.SUSPENDED: StateOut.PAUSED}


class GivenOut(Schema):
    """One consent of yours. `share` is the way in that it opened.

    `given_by` names who gave it where somebody acted for you, or passed on what you shared.
    """

    id: OutId
    share: OutId
    given_by: str
    recipient: str
    purpose: str
    exams: list[OutId]
    granted_at: datetime
    starts_at: datetime
    ends_at: datetime
    state: StateOut
    ended_at: datetime | None
    verified_at: datetime | None = Field(description="When the recipient proved the address.")
    waits_for_you: bool = Field(description="The recipient waits to be let in.")
    was_declined: bool
    was_taken_back: bool
    is_locked: bool
    openings: int
    last_opened_at: datetime | None


class StageOut(Schema):
    """One step in the life of a consent."""

    at: datetime
    step: Step
    pictures: int | None


class ConsentOut(Schema):
    """One consent in full: its terms, the very words that were signed, and what became of it."""

    id: OutId
    granted_at: datetime
    signed_digest: str = Field(description="SHA-256 of what was signed, in hexadecimal.")
    terms: TermsOut
    words_html: str
    history: list[StageOut]


class ReceivedOut(Schema):
    """One consent as its recipient sees it; when it has ended, only that."""

    id: OutId
    granted_at: datetime
    state: StateOut
    is_new: bool = Field(description="None of its exams was opened by you yet.")
    reason: str | None = Field(description="Why it opens nothing just now, as a stable code.")
    giver: str | None
    audience: Audience | None = Field(
        description="Whether you have it yourself, or your desk or group."
    )
    recipient: str | None
    purpose: str | None
    permissions: list[str]
    further_release: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    exams: list[OutId]


@router.get("consents", response=Page[GivenOut], **told(Action.READ_ACTIVITY))
def list_given(
    request: Called, state: StateOut | None = None, limit: Limit = 50, offset: Offset = 0
) -> Page[GivenOut]:
    """List the consents you gave, the newest first, live and ended."""
    given = [_given(each) for each in shared_by(request.auth, at=clock.now())]
    fits = [each for each in given if state in {None, each.state}]
    items, beyond = page_of(fits, limit=limit, offset=offset)
    return Page[GivenOut](items=items, next_offset=beyond)


@router.get("consents/received", response=Page[ReceivedOut], **told(Action.READ_ACTIVITY))
def list_received(
    request: Called,
    only_new: bool = False,  # noqa: FBT001, FBT002 (a name in the address, as the library has it)
    limit: Limit = 50,
    offset: Offset = 0,
) -> Page[ReceivedOut]:
    """List what was shared with you, your group, or your desk, the newest first."""
    fits = [
        each for each in received_by(request.auth, at=clock.now()) if each.is_new or not only_new
    ]
    found, beyond = page_of(fits, limit=limit, offset=offset)
    return Page[ReceivedOut](items=[_received(each) for each in found], next_offset=beyond)


@router.get(
    "consents/{consent_id}", response=ConsentOut, **told(Action.READ_ACTIVITY, NotFoundError)
)
def read_consent(request: Called, consent_id: str) -> ConsentOut:
    """Read one consent that you gave."""
    consent = consent_of(request.auth, from_text(consent_id))
    if consent is None:
        raise NotFoundError
    return ConsentOut(
        id=consent.id,
        granted_at=consent.granted_at,
        signed_digest=bytes(consent.signed_digest).hex(),
        terms=terms_out(terms_of(consent)),
        words_html=words_of(consent),
        history=[
            StageOut(at=stage.at, step=stage.step, pictures=stage.pictures)
            for stage in history_of(consent, at=clock.now())
        ],
    )


@router.post(
    "consents/{consent_id}/withdraw",
    response={204: None},
    **told(Action.SHARE, NotFoundError, in_person=True),
)
def withdraw_consent(request: Called, consent_id: str) -> None:
    """Take a consent back, at once, without a reason. Doing it twice is not an error."""
    withdraw(request.auth, from_text(consent_id), at=clock.now())


@router.post(
    "consents/{consent_id}/pause",
    response={204: None},
    **told(Action.SHARE, NotFoundError, StateConflictError, in_person=True),
)
def pause_consent(request: Called, consent_id: str) -> None:
    """Pause a consent, at once, without a reason. Doing it twice is not an error."""
    pause_share(request.auth, from_text(consent_id), at=clock.now())


@router.post(
    "consents/{consent_id}/resume",
    response={204: None},
    **told(Action.SHARE, NotFoundError, StateConflictError, in_person=True),
)
def resume_consent(request: Called, consent_id: str) -> None:
    """Let a consent that you paused go on, as it was signed and until the same end."""
    resume_share(request.auth, from_text(consent_id), at=clock.now())


@router.post(
    "shares/{share_id}/let-in",
    response={204: None},
    **told(Action.SHARE, NotFoundError, *ENDED_SHARE, in_person=True),
)
def let_recipient_in(request: Called, share_id: str) -> None:
    """Let in a recipient who has proved the address and waits for you."""
    let_in(request.auth, from_text(share_id), at=clock.now())


def _given(each: SharedWith) -> GivenOut:
    terms = each.terms
    return GivenOut(
        id=each.consent_id,
        share=each.share_id,
        given_by=each.by,
        recipient=terms.recipient.name,
        purpose=terms.purpose,
        exams=sorted({item.study_id for item in terms.items}),
        granted_at=each.granted_at,
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        state=_state(each),
        ended_at=each.ended_at,
        verified_at=each.verified_at,
        waits_for_you=each.waits_for_you,
        was_declined=each.was_declined,
        was_taken_back=each.was_taken_back,
        is_locked=each.is_locked,
        openings=each.openings,
        last_opened_at=each.last_opened_at,
    )


def _state(each: SharedWith) -> StateOut:
    if not each.is_live:
        return StateOut.ENDED
    return StateOut.PAUSED if each.is_paused else StateOut.LIVE


def _received(each: Received) -> ReceivedOut:
    terms = each.terms
    return ReceivedOut(
        id=each.consent_id,
        granted_at=each.granted_at,
        state=_STATES.get(each.ended, StateOut.ENDED),
        is_new=each.is_new,
        reason=each.ended,
        giver=terms.grantor_name if terms else None,
        audience=terms.recipient.audience if terms else None,
        recipient=terms.recipient.name if terms else None,
        purpose=terms.purpose if terms else None,
        permissions=sorted(terms.permissions) if terms else [],
        further_release=terms.further.kind if terms else None,
        starts_at=terms.starts_at if terms else None,
        ends_at=terms.ends_at if terms else None,
        exams=list(each.study_ids),
    )
