"""The pages that say who looked, in the time that was asked for, page by page."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from safelight.exchange.access.facts import Party
from safelight.exchange.access.representing.scope import acted_for
from safelight.exchange.release.activity import activity_page as page_of
from safelight.exchange.release.periods import ALWAYS, Period, period_of_days
from safelight.exchange.release.viewing.overview import exam, exams
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request

_DAYS = ("since", "until")


@require_GET
@login_required
def activity_page(request: HttpRequest) -> HttpResponse:
    """Show what happened to all of one's own exams."""
    party, at = party_of_request(request), clock.now()
    titles = {each.study_id: each.title for each in exams(party, at=at)}
    context = _happenings(request, party, None, at) | {"titles": titles, "exam": None, "now": at}
    return render(request, "activity.html", context, status=422 if context["faults"] else 200)


@require_GET
@login_required
def exam_activity_page(request: HttpRequest, exam_id: str) -> HttpResponse:
    """Show what happened to one exam."""
    party, at = party_of_request(request), clock.now()
    # Whoever may not follow it is told so before they are asked why they look.
    happenings = _happenings(request, party, from_text(exam_id), at)
    detail = exam(party, from_text(exam_id), at=at)
    context = happenings | {
        "titles": {detail.summary.study_id: detail.summary.title},
        "exam": detail,
        "exam_id": exam_id,
        "whose": detail.summary.for_whom,
        "now": at,
    }
    return render(request, "activity.html", context, status=422 if context["faults"] else 200)


@require_GET
@login_required
def acting_activity_page(request: HttpRequest, representative_id: str) -> HttpResponse:
    """Show what happened to all exams of the person for whom somebody acts."""
    party, at = party_of_request(request), clock.now()
    row = acted_for(party, from_text(representative_id))
    titles = {each.study_id: each.title for each in exams(party, at=at)}
    context = _happenings(request, party, None, at, acting=row.pk) | {
        "titles": titles,
        "exam": None,
        "whose": row.represented_name,
        "representative_id": representative_id,
        "now": at,
    }
    return render(request, "activity.html", context, status=422 if context["faults"] else 200)


def _happenings(
    request: HttpRequest,
    party: Party,
    study_id: UUID | None,
    at: datetime,
    *,
    acting: UUID | None = None,
) -> dict[str, Any]:
    asked = {name: request.GET.get(name, "") for name in _DAYS}
    faults: dict[str, str] = {}
    period = ALWAYS
    try:
        period = period_of_days(asked["since"], asked["until"])
        if before := request.GET.get("before", ""):
            period = Period(since=period.since, before=_moment(before))
    except InvalidFieldError as fault:
        faults[fault.field] = str(fault)
    page = page_of(party, study_id, period, at=at, acting=acting)
    days = {name: day for name, day in asked.items() if day and name not in faults}
    older = {"before": page.older_than.isoformat()} if page.older_than else {}
    return {
        "happenings": page.happenings,
        "older": urlencode(days | older) if older else "",
        "asked": asked,
        "days": urlencode(days),
        "faults": faults,
    }


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidFieldError("until", "Give the day as a date.") from None
    if moment.tzinfo is None:
        raise InvalidFieldError("until", "Give the day as a date.")
    return moment
