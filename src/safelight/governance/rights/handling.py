"""How does the privacy official take a request to its answer?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.facts import Party
from safelight.exchange.access.representing.recording import tell
from safelight.exchange.access.staff import require_staff
from safelight.governance.deadlines.keeping import extend, pause, resume
from safelight.governance.deadlines.models import Deadline
from safelight.governance.rights.errors import DenialLetterMissingError, RequestStepError
from safelight.governance.rights.events import RightsEvent
from safelight.governance.rights.models import RightsRequest, Step
from safelight.governance.rights.moving import KIND, deadline_of, end_clocks
from safelight.governance.rights.rules import (
    ACKNOWLEDGED,
    ANSWERED,
    DENYING,
    NEXT,
    OPEN,
    Ground,
    State,
)
from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.platform.audit.actions import record
from safelight.records.accounts.models import StaffRole


@dataclass(frozen=True, slots=True)
class Line:
    """One open request, and what of it is due first."""

    request: RightsRequest
    deadline: Deadline


@transaction.atomic
def desk(party: Party, *, at: datetime) -> list[Line]:
    """Return what is open, what is due first, first; that it was read is on record.

    Raises:
        NotFoundError: this is not the instance's privacy official.
    """
    require_staff(party, StaffRole.PRIVACY_OFFICIAL)
    rows = RightsRequest.objects.filter(state__in=[each.value for each in OPEN]).in_bulk()
    due = Deadline.objects.filter(subject_kind=KIND, subject_id__in=list(rows), met_at=None)
    lines: dict[UUID, Line] = {}
    for each in due.order_by("due", "pk"):
        lines.setdefault(each.subject_id, Line(rows[each.subject_id], each))
    record(RightsEvent.LISTED, actor=party.name, count=len(lines), at=at)
    return list(lines.values())


@transaction.atomic
def read_one(party: Party, request_id: UUID, *, at: datetime) -> RightsRequest:
    """Return one request; that it was read is on record. Raises NotFoundError."""
    row = _require(party, request_id)
    record(RightsEvent.READ, actor=party.name, subject=row.subject, reason=row.kind, at=at)
    return row


@transaction.atomic
def move(
    party: Party,
    request_id: UUID,
    state: State,
    words: str = "",
    *,
    ground: Ground | None = None,
    at: datetime,
) -> None:
    """Take a request one step on. Its clocks end with its answer.

    The first step acknowledges a complaint.

    Raises:
        NotFoundError: no such request, or not for this party.
        RequestStepError: it does not go from where it stands to there.
        InvalidFieldError: it is denied without a ground.
        DenialLetterMissingError: it is denied, and no letter was sent.
    """
    row = _require(party, request_id)
    if state is State.WITHDRAWN or state not in NEXT[State(row.state)]:
        raise RequestStepError
    if state in DENYING:
        if ground is None:
            raise InvalidFieldError("ground", "Choose the ground.")
        if row.letter_sent_at is None:
            raise DenialLetterMissingError
        row.ground = ground
    _clocks(row, state, party.name, at)
    row.state = state
    row.answered_at = at if state in ANSWERED else row.answered_at
    row.closed_at = at if state is State.CLOSED else None
    row.save()
    Step.objects.create(request=row, state=state, by=party.name, at=at, words=words.strip()[:4000])
    record(
        RightsEvent.MOVED,
        actor=party.name,
        subject=row.subject,
        reason=state.value,
        detail={"words": words.strip()[:4000], "ground": row.ground},
        at=at,
    )
    tell(row.account_id, "request-moved", at=at)


@transaction.atomic
def send_letter(party: Party, request_id: UUID, text: str, *, at: datetime) -> None:
    """Give the answer in writing. On the page at once; who has no account gets it by post.

    Raises:
        NotFoundError: no such request, or not for this party.
        RequestStepError: it is answered, or nobody has taken it up.
        InvalidFieldError: nothing is said.
    """
    row = _require(party, request_id)
    if row.state not in OPEN - {State.RECEIVED}:
        raise RequestStepError
    if not text.strip():
        raise InvalidFieldError("letter", "Write the letter.")
    row.letter, row.letter_sent_at = text.strip()[:20_000], at
    row.save()
    record(RightsEvent.LETTER_SENT, actor=party.name, subject=row.subject, reason=row.kind, at=at)
    tell(row.account_id, "request-moved", at=at)


@transaction.atomic
def put_off(party: Party, request_id: UUID, reason: str, *, at: datetime) -> None:
    """Extend what it runs by, once, before its end.

    Raises:
        NotFoundError: no such request, or not for this party.
        ExtensionRefusedError: see `extend`.
    """
    row = _require(party, request_id)
    extend(deadline_of(row).pk, reason, actor=party.name, at=at)
    tell(row.account_id, "request-moved", at=at)


def _clocks(row: RightsRequest, state: State, actor: str, at: datetime) -> None:
    if row.state == State.RECEIVED:
        end_clocks(row, actor=actor, at=at, only=ACKNOWLEDGED)
    if state is State.WAITING:
        pause(deadline_of(row).pk, actor=actor, at=at)
    elif row.state == State.WAITING:
        resume(deadline_of(row).pk, actor=actor, at=at)
    if state in ANSWERED:
        end_clocks(row, actor=actor, at=at)


def _require(party: Party, request_id: UUID) -> RightsRequest:
    require_staff(party, StaffRole.PRIVACY_OFFICIAL)
    row = RightsRequest.objects.select_for_update().filter(pk=request_id).first()
    if row is None:
        raise NotFoundError
    return row
