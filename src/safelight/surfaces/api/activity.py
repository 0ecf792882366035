"""Who looked, who downloaded, what was shared, passed on and taken back?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from ninja import Field, Router, Schema

from safelight.exchange.access.decision import Action
from safelight.exchange.release.activity import activity_page
from safelight.exchange.release.happening import Happening
from safelight.exchange.release.periods import Period
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import from_text
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.forms import Limit, OutId, aware
from safelight.surfaces.api.routes import told

router = Router()


class HappeningOut(Schema):
    """One thing somebody did.

    `did` is a code: looked, downloaded, shared, took-back, passed-on, onward-ended, tried
    (to pass it on, and was refused), elevated or broke-glass (an access of some hours began,
    approved by two who run this service, or in an emergency). `by` names who passed it on,
    `parent` the consent under which they did. `cause` is why somebody of the care team said
    that they opened it: treatment, reporting, planning, conference, quality or other, or
    elevation or break-glass
    for what was seen in such hours; `cause_words` adds to it.
    """

    at: datetime
    who: str
    is_you: bool
    did: str
    exam: OutId
    pictures: int
    consent: OutId | None
    consent_at: datetime | None
    by: str
    parent: OutId | None
    cause: str
    cause_words: str


class ActivityOut(Schema):
    """Some happenings, the newest first."""

    items: list[HappeningOut]
    older_than: datetime | None = Field(
        description="Ask again with this as `before`; null at the end."
    )


@router.get("activity", response=ActivityOut, **told(Action.READ_ACTIVITY, NotFoundError))
def list_activity(
    request: Called,
    since: datetime | None = None,
    before: datetime | None = None,
    limit: Limit = 50,
) -> ActivityOut:
    """List what happened to all exams of yours, the newest first. That you read it is on record."""
    return _page(request, None, since, before, limit)


@router.get(
    "exams/{exam_id}/activity",
    response=ActivityOut,
    **told(Action.READ_ACTIVITY, NotFoundError),
)
def list_exam_activity(
    request: Called,
    exam_id: str,
    since: datetime | None = None,
    before: datetime | None = None,
    limit: Limit = 50,
) -> ActivityOut:
    """List what happened to one exam of yours, the newest first."""
    return _page(request, from_text(exam_id), since, before, limit)


def _page(
    request: Called,
    study_id: UUID | None,
    since: datetime | None,
    before: datetime | None,
    limit: int,
) -> ActivityOut:
    period = Period(since=aware(since), before=aware(before))
    page = activity_page(request.auth, study_id, period, at=clock.now(), size=limit)
    return ActivityOut(
        items=[_happening(each) for each in page.happenings], older_than=page.older_than
    )


def _happening(each: Happening) -> HappeningOut:
    return HappeningOut(
        at=each.at,
        who=each.who,
        is_you=each.is_you,
        did=each.did,
        exam=each.study_id,
        pictures=each.pictures,
        consent=each.consent_id,
        consent_at=each.consent_at,
        by=each.by,
        parent=each.parent_id,
        cause=each.cause,
        cause_words=each.cause_words,
    )
