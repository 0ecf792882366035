"""The pages that say who looked."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from safelight.exchange.release.activity import activity
from safelight.exchange.release.viewing.overview import exam, exams
from safelight.kernel import clock
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request


@require_GET
@login_required
def activity_page(request: HttpRequest) -> HttpResponse:
    """Show what happened to all of one's own exams."""
    party, at = party_of_request(request), clock.now()
    titles = {each.study_id: each.title for each in exams(party, at=at)}
    context = {"happenings": activity(party, at=at), "titles": titles, "exam": None, "now": at}
    return render(request, "activity.html", context)


@require_GET
@login_required
def exam_activity_page(request: HttpRequest, exam_id: str) -> HttpResponse:
    """Show what happened to one exam."""
    party, at = party_of_request(request), clock.now()
    detail = exam(party, from_text(exam_id), at=at)
    context = {
        "happenings": activity(party, from_text(exam_id), at=at),
        "titles": {detail.summary.study_id: detail.summary.title},
        "exam": detail,
        "exam_id": exam_id,
        "now": at,
    }
    return render(request, "activity.html", context)
