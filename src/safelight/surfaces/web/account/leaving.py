"""The pages by which an owner makes their account inactive, and by which they come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from safelight.governance.closing.consequences import consequences_of
from safelight.governance.closing.leaving import end_of_cooling, inactivate
from safelight.governance.closing.offices import require_others_in_office
from safelight.governance.closing.returning import come_back, inactivation_of
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError
from safelight.records.accounts.actions.begin_session import session_reference
from safelight.records.accounts.models import State
from safelight.records.accounts.sessions import AAL
from safelight.surfaces.web.account import confirmation
from safelight.surfaces.web.account.answers import words
from safelight.surfaces.web.callers import party_of_request

if TYPE_CHECKING:
    from safelight.records.accounts.models import Account


@require_http_methods(["GET", "POST"])
@login_required
def leave_page(request: HttpRequest) -> HttpResponse:
    """Show what ends, in figures, and end it once both factors were shown for just that."""
    account, at, error = cast("Account", request.user), clock.now(), None
    ends = consequences_of(account, at=at)
    digest = confirmation.digest_of("inactivate", str(account.pk), *ends.words)
    try:
        require_others_in_office(account.pk)
    except ExpectedError as refused:
        context = {"ends": ends, "refused": words(refused)}
        status = HttpResponse.status_code if request.method == "GET" else refused.status
        return render(request, "account/leave.html", context, status=status)
    if request.method == "POST":
        try:
            signature = confirmation.confirmed(request, digest, at=at)
            away = inactivate(party_of_request(request), signature, at=at)
        except ExpectedError as refused:
            error = refused
        else:
            request.session.flush()
            return render(request, "account/left.html", {"away": away})
    meaning = _("I make my account inactive")
    context = {
        "ends": ends,
        "until": end_of_cooling(at),
        "is_provider": account.is_provider,
        "confirm": confirmation.ask(request, digest, meaning, at=at, error=error),
    }
    status = error.status if error else HttpResponse.status_code
    return render(request, "account/leave.html", context, status=status)


@require_http_methods(["GET", "POST"])
@login_required
def come_back_page(request: HttpRequest) -> HttpResponse:
    """Let an inactive account come back or sign out: it reaches no other page."""
    account, at = cast("Account", request.user), clock.now()
    away = inactivation_of(account.pk)
    if account.state != State.INACTIVE or away is None:
        return redirect("home")
    error = None
    if request.method == "POST":
        try:
            come_back(
                account.pk,
                session=session_reference(request.session),
                aal=request.session.get(AAL, 0),
                at=at,
            )
        except ExpectedError as refused:
            error = refused
        else:
            messages.success(request, _("You are back. What you had shared is not: share it anew."))
            return redirect("home")
    context = {"away": away, "is_over": away.until <= at, "error": words(error) if error else ""}
    status = error.status if error else HttpResponse.status_code
    return render(request, "account/come-back.html", context, status=status)
