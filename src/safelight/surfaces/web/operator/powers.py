"""The pages by which two of the staff let something be done that nobody may do alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from safelight.exchange.access.facts import Party
from safelight.exchange.access.powers.approvals import (
    approve,
    refuse,
    show_for_approval,
    to_decide,
)
from safelight.exchange.access.powers.asking import cancel
from safelight.exchange.access.powers.elevation import begin_elevation
from safelight.exchange.access.powers.ending import end_own_access
from safelight.exchange.access.powers.errors import ApprovalMissingError
from safelight.exchange.access.powers.kinds import ApprovalState
from safelight.exchange.access.powers.lists import (
    RequestLine,
    own_accesses,
    request_line,
    request_lines,
    review_lines,
)
from safelight.exchange.access.powers.reviewing import reviews
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, NotFoundError, StateConflictError
from safelight.kernel.ids import from_text
from safelight.surfaces.web.account import confirmation
from safelight.surfaces.web.operator.rooms import EVERYBODY, staff_page

_OPEN: Final = {ApprovalState.WAITING, ApprovalState.APPROVED}


@require_GET
@staff_page(*EVERYBODY)
def powers_page(request: HttpRequest, party: Party) -> HttpResponse:
    """Show what waits for a second person, what is one's own, and what waits for review."""
    at = clock.now()
    lines = _requests(party)
    context = {
        "waiting": [line for line in lines if line.may_decide],
        "open": [line for line in lines if line.state in _OPEN and not line.may_decide],
        "over": [line for line in lines if line.state not in _OPEN],
        "own": own_accesses(party, at=at),
        "reviews": review_lines(party, at=at) if reviews(party) else [],
    }
    return render(request, "operator/powers.html", context)


@require_http_methods(["GET", "POST"])
@staff_page(*EVERYBODY)
def power_page(request: HttpRequest, party: Party, approval_id: str) -> HttpResponse:
    """Show one request as it was signed; approve it, by signing the same."""
    identity, at = from_text(approval_id), clock.now()
    error: ExpectedError | None = None
    if request.method == "POST":
        try:
            to_decide(party, identity, at=at)
            given = confirmation.answer(request, at=at)
            approve(party, identity, given.pk, at=clock.now())
        except NotFoundError:
            raise
        except ExpectedError as refused:
            error = refused
        else:
            messages.success(request, _("Approved. It can be done once, within four hours."))
            return redirect("operator-powers")
    line = request_line(party, identity, at=at)
    context = {"line": line, "room": "operator-powers", "confirm": None, "error": error}
    if line.may_decide:
        challenge = show_for_approval(party, identity, at=clock.now())
        context["confirm"] = confirmation.around(request, challenge, at=at, error=error)
    return render(request, "operator/power.html", context, status=error.status if error else 200)


@require_POST
@staff_page(*EVERYBODY)
def decide_page(request: HttpRequest, party: Party, approval_id: str) -> HttpResponse:
    """Refuse somebody else's request; take one's own back, or begin what was approved."""
    act = _ACTS.get(request.POST.get("act", ""))
    if act is None:
        raise NotFoundError
    try:
        messages.success(request, act(party, approval_id))
    except (StateConflictError, ApprovalMissingError) as wrong:
        messages.error(request, str(wrong))
    return redirect("operator-powers")


@require_POST
@staff_page(*EVERYBODY)
def end_page(request: HttpRequest, party: Party, access_id: str) -> HttpResponse:
    """End one's own access before its time."""
    end_own_access(party, from_text(access_id), at=clock.now())
    messages.success(request, _("Ended. From this second on nothing is open any more."))
    return redirect("operator-powers")


def _requests(party: Party) -> list[RequestLine]:
    try:
        return request_lines(party, at=clock.now())
    except NotFoundError:
        return []


def _refuse(party: Party, identity: str) -> str:
    refuse(party, from_text(identity), at=clock.now())
    return _("Refused. Nothing is done.")


def _cancel(party: Party, identity: str) -> str:
    cancel(party, from_text(identity), at=clock.now())
    return _("Taken back.")


def _begin(party: Party, identity: str) -> str:
    begin_elevation(party, from_text(identity), at=clock.now())
    return _("Open now, among your exams, until its end. The owner was told.")


_ACTS: Final[dict[str, Callable[[Party, str], str]]] = {
    "refuse": _refuse,
    "cancel": _cancel,
    "begin": _begin,
}
