"""The pages by which an adult lets somebody help them: choose, then read and sign."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from safelight.exchange.access.representing.helping import Help, invite_helper, present_help
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, InvalidFieldError
from safelight.surfaces.web.account import confirmation
from safelight.surfaces.web.callers import party_of_request


@require_http_methods(["GET", "POST"])
@login_required
def help_page(request: HttpRequest) -> HttpResponse:
    """Choose who helps and how far; then read exactly that, and sign it."""
    if request.method == "GET":
        return _chosen(request, Help(name="", address=""), {})
    wanted = _wanted(request)
    error: ExpectedError | None = None
    if request.POST.get("step") == "sign":
        at = clock.now()
        try:
            authorization = confirmation.answer(request, at=at)
            invite_helper(party_of_request(request), wanted, authorization.pk, at=clock.now())
        except ExpectedError as refused:
            error = refused
        else:
            messages.success(request, _("Invited. Nothing is open to them before they say yes."))
            return redirect("acting")
    return _read(request, wanted, error)


def _read(request: HttpRequest, wanted: Help, error: ExpectedError | None) -> HttpResponse:
    """Show the words to be signed; or the form again, where something in it is wrong."""
    party, at = party_of_request(request), clock.now()
    try:
        shown = present_help(party, wanted, at=at)
    except InvalidFieldError as wrong:
        return _chosen(request, wanted, {wrong.field: str(wrong)})
    context = {
        "help": shown.help,
        # Built by access.representing.helping, which escapes every value.
        "words": mark_safe(shown.html),  # noqa: S308 (see the line above)
        "confirm": confirmation.around(
            request, shown.challenge_id, with_question=True, at=at, error=error
        ),
    }
    return render(request, "acting/help_check.html", context, status=error.status if error else 200)


def _chosen(request: HttpRequest, wanted: Help, faults: dict[str, str]) -> HttpResponse:
    at = clock.now()
    context = {
        "help": wanted,
        "faults": faults,
        "today": at.date(),
        "latest_end": (at + timedelta(days=365)).date(),
    }
    return render(request, "acting/help.html", context, status=422 if faults else 200)


def _wanted(request: HttpRequest) -> Help:
    said = request.POST
    return Help(
        name=said.get("name", "").strip(),
        address=said.get("address", "").strip(),
        may_share=said.get("may_share") == "yes",
        may_manage=said.get("may_manage") == "yes",
        may_use_rights=said.get("may_use_rights") == "yes",
        ends_on=said.get("ends_on", "").strip(),
    )
