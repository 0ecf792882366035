"""The pages by which a clinician breaks the glass, and officers review what was opened so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from safelight.exchange.access.caring.relations import day_said
from safelight.exchange.access.facts import Party
from safelight.exchange.access.powers.emergency import (
    Emergency,
    break_glass,
    may_break_glass,
    show_emergency,
)
from safelight.exchange.access.powers.errors import TooManyEmergenciesError
from safelight.exchange.access.powers.kinds import EmergencyCause
from safelight.exchange.access.powers.lists import own_accesses, review_line, review_lines
from safelight.exchange.access.powers.notifying import hold_notice
from safelight.exchange.access.powers.reviewing import end_reviewed_access, review
from safelight.exchange.release.hours import seen_under
from safelight.kernel import clock
from safelight.kernel.errors import (
    ExpectedError,
    InvalidFieldError,
    NotFoundError,
    StateConflictError,
)
from safelight.kernel.ids import from_text
from safelight.surfaces.web.account import confirmation
from safelight.surfaces.web.callers import party_of_request


@require_http_methods(["GET", "POST"])
@login_required
def break_glass_page(request: HttpRequest) -> HttpResponse:
    """Say whose record and why; then read the warning, and sign. Nobody is looked up before."""
    party = party_of_request(request)
    if not may_break_glass(party):
        raise NotFoundError
    said = _said(request)
    if request.method == "GET":
        return _form(request, party, said, {})
    error: ExpectedError | None = None
    try:
        if request.POST.get("step") == "sign":
            given = confirmation.answer(request, at=clock.now())
            break_glass(party, said, given.pk, at=clock.now())
            messages.success(request, _("Open for four hours. It is among your exams."))
            return redirect("exams")
        return _check(request, party, said, None)
    except InvalidFieldError as wrong:
        if wrong.field in _FIELDS:
            return _form(request, party, said, _missing(said) | {wrong.field: str(wrong)})
        error = wrong
    except TooManyEmergenciesError as wrong:
        return _form(request, party, said, {"number": str(wrong)})
    except NotFoundError:
        raise
    except ExpectedError as refused:
        error = refused
    return _check(request, party, said, error)


@require_GET
@login_required
def reviews_page(request: HttpRequest) -> HttpResponse:
    """List what was opened without a relation, what waits for review first."""
    party = party_of_request(request)
    lines = review_lines(party, at=clock.now())
    context = {
        "waiting": [line for line in lines if line.reviewed_at is None],
        "done": [line for line in lines if line.reviewed_at is not None],
    }
    return render(request, "officer/emergencies.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def review_page(request: HttpRequest, access_id: str) -> HttpResponse:
    """Show one with what was looked at; say whether it was justified, end it, or hold a notice."""
    party, identity = party_of_request(request), from_text(access_id)
    faults: dict[str, str] = {}
    if request.method == "POST":
        act = _ACTS.get(request.POST.get("act", ""))
        if act is None:
            raise NotFoundError
        try:
            messages.success(request, act(request, party, access_id))
            return redirect("access-reviews")
        except InvalidFieldError as wrong:
            faults = {wrong.field: str(wrong)}
        except StateConflictError as wrong:
            messages.error(request, str(wrong))
    context = {
        "line": review_line(party, identity, at=clock.now()),
        "seen": seen_under(party, identity),
        "faults": faults,
        "said": request.POST,
    }
    return render(request, "officer/emergency.html", context, status=422 if faults else 200)


_FIELDS: Final = ("number", "born_on", "cause", "reason")


def _said(request: HttpRequest) -> Emergency:
    said = {name: request.POST.get(name, "").strip() for name in _FIELDS}
    return Emergency(
        number=said["number"],
        born_on=said["born_on"],
        cause=said["cause"],
        reason=said["reason"],
        hold_notice=request.POST.get("hold_notice") == "yes",
    )


def _missing(said: Emergency) -> dict[str, str]:
    """Name all that is empty at once: in an emergency nobody has time for one after the other."""
    words = {
        "number": _("Give the patient's number here."),
        "born_on": _("Give the day on which the patient was born."),
        "cause": _("Choose what makes it an emergency."),
        "reason": _("Say what happened."),
    }
    return {name: told for name, told in words.items() if not getattr(said, name)}


def _check(
    request: HttpRequest, party: Party, said: Emergency, error: ExpectedError | None
) -> HttpResponse:
    shown = show_emergency(party, said, at=clock.now())
    confirm = confirmation.around(request, shown.challenge_id, at=clock.now(), error=error)
    born = date.fromisoformat(shown.emergency.born_on)
    context = {"emergency": shown.emergency, "born": born, "confirm": confirm}
    status = error.status if error else 200
    return render(request, "desk/break_glass_check.html", context, status=status)


def _form(
    request: HttpRequest, party: Party, said: Emergency, faults: dict[str, str]
) -> HttpResponse:
    context = {
        "emergency": said,
        "faults": faults,
        "causes": list(EmergencyCause),
        "own": own_accesses(party, at=clock.now()),
        "today": clock.now().date(),
    }
    return render(request, "desk/break_glass.html", context, status=422 if faults else 200)


def _review(request: HttpRequest, party: Party, identity: str) -> str:
    said = request.POST
    verdict, words = said.get("verdict", ""), said.get("words", "")
    review(party, from_text(identity), verdict, words, at=clock.now())
    return _("Reviewed.")


def _end(_request: HttpRequest, party: Party, identity: str) -> str:
    end_reviewed_access(party, from_text(identity), at=clock.now())
    return _("Ended. From this second on nothing is open any more.")


def _hold(request: HttpRequest, party: Party, identity: str) -> str:
    day = day_said("until", request.POST.get("until", ""))
    until = datetime.combine(day, time(12), UTC)
    because = request.POST.get("because", "")
    hold_notice(party, from_text(identity), until, because, at=clock.now())
    return _("The owner is told on that day, not before.")


_ACTS: Final[dict[str, Callable[[HttpRequest, Party, str], str]]] = {
    "review": _review,
    "end": _end,
    "hold": _hold,
}
