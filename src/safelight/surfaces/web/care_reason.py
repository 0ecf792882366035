"""The page that asks one of the care team why they open a patient's exams today."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from safelight.exchange.access.caring.reasons import (
    LONGEST_WORDS,
    CareCause,
    give_reason,
    wants_reason,
)
from safelight.exchange.release.viewing.find import find_study_by_id
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request


@require_http_methods(["GET", "POST"])
@login_required
def reason_page(request: HttpRequest, exam_id: str) -> HttpResponse:
    """Ask once for each patient and day; then go on to the pictures, or to `then`."""
    party, at = party_of_request(request), clock.now()
    onward = "exam" if request.GET.get("then") == "exam" else "viewer"
    study_id = find_study_by_id(party, from_text(exam_id), at=at).study.id
    if request.method == "GET" and not wants_reason(party, study_id, at=at):
        return redirect(onward, exam_id)
    faults: dict[str, str] = {}
    if request.method == "POST":
        said = request.POST
        try:
            give_reason(party, study_id, said.get("code", ""), said.get("words", ""), at=at)
        except InvalidFieldError as wrong:
            faults = {wrong.field: str(wrong)}
        else:
            return redirect(onward, exam_id)
    context = {
        "causes": list(CareCause),
        "code": request.POST.get("code", ""),
        "words": request.POST.get("words", ""),
        "longest": LONGEST_WORDS,
        "faults": faults,
    }
    return render(request, "care_reason.html", context, status=422 if faults else 200)
