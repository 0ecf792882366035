"""The pages by which somebody asks the patient for a consent, and by which the patient answers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from safelight.exchange.consent.terms import DEFAULT_TERM, Purpose
from safelight.exchange.release.obligations import obligations_on
from safelight.exchange.release.sharing.asking import (
    ask_patient,
    begin_request,
    decline_request,
    request_to,
    withdraw_request,
)
from safelight.exchange.release.sharing.wishes import LONGEST_NOTE, Wish
from safelight.exchange.release.viewing.overview import exam
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.kernel.ids import from_text, to_text
from safelight.surfaces.web.callers import party_of_request

_SAID: Final = ("purpose", "may_download", "note", "ends_on", "pass_name", "pass_address")


@require_http_methods(["GET", "POST"])
@login_required
def ask_page(request: HttpRequest, exam_id: str) -> HttpResponse:
    """Say what the patient should agree to, and why."""
    party, at, study_id = party_of_request(request), clock.now(), from_text(exam_id)
    detail = exam(party, study_id, at=at)
    # Whoever acts for the patient has nobody to ask but the patient.
    if detail.may_share or detail.summary.for_whom:
        raise NotFoundError
    faults: dict[str, str] = {}
    said = {name: request.POST.get(name, "").strip() for name in _SAID}
    if request.method == "GET":
        said["may_download"] = "no"
    elif said["may_download"] not in {"yes", "no"}:
        faults = {"may_download": _("Choose what you would like to do.")}
    else:
        wish = Wish(
            purpose=said["purpose"],
            note=said["note"],
            may_download=said["may_download"] == "yes",
            ends_on=said["ends_on"],
            pass_to=(said["pass_name"], said["pass_address"]),
        )
        try:
            ask_patient(party, study_id, wish, at=at)
        except InvalidFieldError as wrong:
            faults = {wrong.field: str(wrong)}
        except StateConflictError as conflict:
            faults = {"note": str(conflict)}
        else:
            messages.success(request, _("The patient was asked. You see the answer here."))
            return redirect("inbox")
    context = {
        "exam": detail,
        "exam_id": exam_id,
        "bound": obligations_on(party, study_id, at=at),
        "said": said,
        "faults": faults,
        "purposes": [each for each in Purpose if each is not Purpose.OTHER],
        "longest_note": LONGEST_NOTE,
        "today": at.date(),
        "default_end": (at + DEFAULT_TERM).date(),
        "latest_end": (at + timedelta(days=365)).date(),
    }
    return render(request, "onward/ask.html", context, status=422 if faults else 200)


@require_POST
@login_required
def withdraw_page(request: HttpRequest, request_id: str) -> HttpResponse:
    """Take a question back."""
    withdraw_request(party_of_request(request), from_text(request_id), at=clock.now())
    messages.info(request, _("You no longer ask for this."))
    return redirect("inbox")


@require_GET
@login_required
def request_page(request: HttpRequest, request_id: str) -> HttpResponse:
    """Show the patient who asks for what, and why."""
    party, at = party_of_request(request), clock.now()
    asked = request_to(party, from_text(request_id), at=at)
    context = {
        "asked": asked,
        "request_id": request_id,
        "exam": exam(party, asked.study_id, at=at),
        "until": date.fromisoformat(asked.wish.ends_on),
        "now": at,
    }
    return render(request, "onward/request.html", context)


@require_POST
@login_required
def begin_page(request: HttpRequest, request_id: str) -> HttpResponse:
    """Go into the ordinary ceremony, filled in as it was asked for."""
    draft = begin_request(party_of_request(request), from_text(request_id), at=clock.now())
    return redirect("share-check", to_text(draft.id))


@require_POST
@login_required
def decline_page(request: HttpRequest, request_id: str) -> HttpResponse:
    """Say no; no reason is asked."""
    decline_request(party_of_request(request), from_text(request_id), at=clock.now())
    messages.info(request, _("You said no. They only learn that it was not granted."))
    return redirect("home")
