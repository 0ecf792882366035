"""The page of the hospital records that are one's own: claim one by a code, or say it is not."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from safelight.exchange.release.claimed import claimed_by
from safelight.exchange.release.claiming import claim_record, disown_record
from safelight.exchange.release.deceased import is_reported_dead, still_alive
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError
from safelight.kernel.ids import from_text
from safelight.records.accounts.errors import RateLimitedError
from safelight.surfaces.web.callers import party_of_request


@require_http_methods(["GET", "POST"])
@login_required
def records_page(request: HttpRequest) -> HttpResponse:
    """List the records that were claimed, and claim one more."""
    party = party_of_request(request)
    faults: dict[str, str] = {}
    status = HTTPStatus.OK
    if request.method == "POST":
        try:
            claim_record(
                party,
                request.POST.get("code", ""),
                request.POST.get("born_on", ""),
                at=clock.now(),
            )
        except InvalidFieldError as wrong:
            faults, status = {wrong.field: str(wrong)}, HTTPStatus.UNPROCESSABLE_ENTITY
        except RateLimitedError as later:
            faults, status = {"code": str(later)}, HTTPStatus.TOO_MANY_REQUESTS
        else:
            messages.success(request, _("This record is yours now. You decide who else sees it."))
            return redirect("exams")
    context = {
        "records": claimed_by(party),
        "is_reported_dead": is_reported_dead(party),
        "faults": faults,
        "code": request.POST.get("code", ""),
        "born_on": request.POST.get("born_on", ""),
    }
    return render(request, "records.html", context, status=status)


@require_POST
@login_required
def disown_page(request: HttpRequest, claim_id: str) -> HttpResponse:
    """Say that a record is not one's own after all."""
    disown_record(party_of_request(request), from_text(claim_id), at=clock.now())
    messages.success(request, _("It is not in your account any more. What you shared of it ended."))
    return redirect("records")


@require_POST
@login_required
def alive_page(request: HttpRequest) -> HttpResponse:
    """Say that the note of one's own death is an error."""
    still_alive(party_of_request(request), at=clock.now())
    messages.success(request, _("Undone. The hospital sees that it was an error."))
    return redirect("records")
