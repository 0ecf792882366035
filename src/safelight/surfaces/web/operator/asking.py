"""The pages by which one of the staff asks for an act that needs a second person."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from safelight.exchange.access.facts import Party
from safelight.exchange.access.powers.asking import Wish, ask, show_request
from safelight.exchange.access.powers.deeds import read_deed
from safelight.exchange.access.powers.elevation import elevation_wish
from safelight.exchange.access.powers.kinds import ApprovalKind, Cause
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, InvalidFieldError
from safelight.surfaces.web.account import confirmation
from safelight.surfaces.web.operator.rooms import EVERYBODY, staff_page

_FIELDS = ("subject", "hours", "deed", "cause", "reason", "ticket")


@require_http_methods(["GET", "POST"])
@staff_page(*EVERYBODY)
def look_page(request: HttpRequest, party: Party) -> HttpResponse:
    """Ask to look at one exam or one patient's exams, for some hours."""
    return _asked(request, party, "look", _look)


@require_http_methods(["GET", "POST"])
@staff_page(*EVERYBODY)
def act_page(request: HttpRequest, party: Party) -> HttpResponse:
    """Ask for the act that a command printed."""
    return _asked(request, party, "act", _act)


def _asked(
    request: HttpRequest, party: Party, form: str, wish_of: Callable[[dict[str, str]], Wish]
) -> HttpResponse:
    said = {name: request.POST.get(name, "").strip() for name in _FIELDS}
    if request.method == "GET":
        return _form(request, form, said, {})
    error: ExpectedError | None = None
    try:
        wish = wish_of(said)
        if request.POST.get("step") == "sign":
            given = confirmation.answer(request, at=clock.now())
            ask(party, wish, given.pk, at=clock.now())
            messages.success(request, _("Asked. It waits a day for somebody else."))
            return redirect("operator-powers")
    except InvalidFieldError as wrong:
        if wrong.field in said:
            return _form(request, form, said, {wrong.field: str(wrong)})
        error = wrong
    except ExpectedError as refused:
        error = refused
    return _check(request, party, form, wish_of(said), said, error)


def _check(
    request: HttpRequest,
    party: Party,
    form: str,
    wish: Wish,
    said: dict[str, str],
    error: ExpectedError | None,
) -> HttpResponse:
    """Show what is about to be signed; or the form again, where something in it is wrong."""
    try:
        shown = show_request(party, wish, at=clock.now())
    except InvalidFieldError as wrong:
        return _form(request, form, said, {wrong.field: str(wrong)})
    context = {
        "form": form,
        "wish": shown.wish,
        "said": said,
        "room": "operator-powers",
        "confirm": confirmation.around(request, shown.challenge_id, at=clock.now(), error=error),
    }
    status = error.status if error else 200
    return render(request, "operator/power_check.html", context, status=status)


def _form(
    request: HttpRequest, form: str, said: dict[str, str], faults: dict[str, str]
) -> HttpResponse:
    context = {
        "form": form,
        "said": said,
        "faults": faults,
        "causes": list(Cause),
        "hours": ["1", "2", "3", "4"],
        "room": "operator-powers",
    }
    return render(request, "operator/power_ask.html", context, status=422 if faults else 200)


def _look(said: dict[str, str]) -> Wish:
    return elevation_wish(
        said["subject"],
        said["hours"],
        cause=said["cause"],
        reason=said["reason"],
        ticket=said["ticket"],
    )


def _act(said: dict[str, str]) -> Wish:
    deed = read_deed(said["deed"])
    if deed.kind is ApprovalKind.ELEVATION:
        raise InvalidFieldError("deed", "To look at something has a page of its own.")
    return Wish(deed=deed, cause=said["cause"], reason=said["reason"], ticket=said["ticket"])
