"""The page on which two of a desk note that a patient has died, and undo an error."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from safelight.exchange.release.deceased import (
    confirm_death,
    deaths_at_desk,
    report_death,
    undo_death,
)
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request


@require_http_methods(["GET", "POST"])
@login_required
def deaths_page(request: HttpRequest) -> HttpResponse:
    """Show what was noted, and note one more."""
    party, at = party_of_request(request), clock.now()
    faults: dict[str, str] = {}
    said = {name: request.POST.get(name, "").strip() for name in ("number", "born_on", "evidence")}
    if request.method == "POST":
        try:
            report_death(party, **said, at=at)
        except InvalidFieldError as wrong:
            faults = {wrong.field: str(wrong)}
        except StateConflictError as nothing:
            faults = {"number": str(nothing)}
        else:
            messages.success(request, _("Noted. Somebody else here must confirm it."))
            return redirect("desk-deaths")
    context = {"lines": deaths_at_desk(party, at=at), "said": said, "faults": faults}
    return render(request, "desk/deaths.html", context, status=422 if faults else 200)


@require_POST
@login_required
def decide_page(request: HttpRequest, notice_id: str) -> HttpResponse:
    """Confirm one, or undo it."""
    party, identity, at = party_of_request(request), from_text(notice_id), clock.now()
    act = request.POST.get("act", "")
    try:
        if act == "confirm":
            confirm_death(party, identity, at=at)
            messages.success(request, _("Confirmed. What was shared for treatment is paused."))
        elif act == "undo":
            undo_death(party, identity, at=at)
            messages.success(request, _("Undone. The account is what it was."))
        else:
            raise NotFoundError
    except StateConflictError as refused:
        messages.error(request, str(refused))
    return redirect("desk-deaths")
