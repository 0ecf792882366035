"""Who looked, who downloaded, what was shared and taken back?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from ninja import Router, Schema

from safelight.exchange.access.decision import Action
from safelight.exchange.release.activity import Happening, activity
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import from_text
from safelight.surfaces.api.callers import Called
from safelight.surfaces.api.forms import Limit, Offset, OutId, Page, page_of
from safelight.surfaces.api.routes import told

router = Router()
_ALL = 10_000


class HappeningOut(Schema):
    """One thing somebody did. `did` is looked, downloaded, shared or took-back."""

    at: datetime
    who: str
    is_you: bool
    did: str
    exam: OutId
    pictures: int
    consent: OutId | None
    consent_at: datetime | None


@router.get("activity", response=Page[HappeningOut], **told(Action.READ_ACTIVITY))
def list_activity(
    request: Called,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> Page[HappeningOut]:
    """List what happened to all exams of yours, the newest first. That you read it is on record."""
    return _page(request, None, since, until, limit, offset)


@router.get(
    "exams/{exam_id}/activity",
    response=Page[HappeningOut],
    **told(Action.READ_ACTIVITY, NotFoundError),
)
def list_exam_activity(
    request: Called,
    exam_id: str,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> Page[HappeningOut]:
    """List what happened to one exam of yours, the newest first."""
    return _page(request, from_text(exam_id), since, until, limit, offset)


def _page(
    request: Called,
    study_id: UUID | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    offset: int,
) -> Page[HappeningOut]:
    happened = activity(request.auth, study_id, at=clock.now(), limit=_ALL)
    fits = [
        each
        for each in happened
        if (since is None or each.at >= since) and (until is None or each.at < until)
    ]
    found, beyond = page_of(fits, limit=limit, offset=offset)
    return Page[HappeningOut](items=[_happening(each) for each in found], next_offset=beyond)


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
    )
