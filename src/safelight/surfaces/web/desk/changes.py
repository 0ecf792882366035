"""The page on which two of a desk say that records are one person's, or that an exam lies wrong."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from safelight.exchange.access.facts import Party
from safelight.exchange.release.record_changes import (
    MOVE_EXAM,
    NEW_RECORD,
    ONE_PERSON,
    ChangeWish,
    ask_back,
    ask_change,
    confirm_change,
    end_change,
)
from safelight.exchange.release.record_changes_shown import changes_at_desk, find_records
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request

_SAID: Final = ("number", "other_number", "words", "why")
_PAIR: Final = 2


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def changes_page(request: HttpRequest) -> HttpResponse:
    """Show what was asked for, find records by their numbers, and ask for a change of them."""
    party, at, posted = party_of_request(request), clock.now(), request.POST
    faults: dict[str, str] = {}
    said = {name: posted.get(name, "").strip() for name in _SAID}
    if posted.get("act") == "ask":
        try:
            ask_change(party, _wish(request), at=at)
        except InvalidFieldError as wrong:
            faults = {_field(request, wrong): str(wrong)}
        except StateConflictError as nothing:
            faults = {"number": str(nothing)}
        else:
            messages.success(request, _("Asked. Somebody else here must confirm it."))
            return redirect("desk-changes")
    numbers = [said["number"], said["other_number"]]
    context = {
        "lines": changes_at_desk(party, at=at),
        "found": find_records(party, numbers, at=at) if any(numbers) else [],
        "is_sought": any(numbers),
        "new_record": NEW_RECORD,
        "said": said,
        "faults": faults,
    }
    return render(request, "desk/changes.html", context, status=422 if faults else 200)


@require_POST
@login_required
def decide_page(request: HttpRequest, change_id: str) -> HttpResponse:
    """Confirm one, end it, or ask for a move to be taken back."""
    party = party_of_request(request)
    try:
        messages.success(request, _done(party, from_text(change_id), request))
    except (StateConflictError, InvalidFieldError) as refused:
        messages.error(request, str(refused))
    return redirect("desk-changes")


def _done(party: Party, change_id: UUID, request: HttpRequest) -> str:
    at = clock.now()
    match request.POST.get("act"):
        case "confirm":
            confirm_change(party, change_id, at=at)
            return _("Confirmed by two. It holds from now on.")
        case "end":
            end_change(party, change_id, at=at)
            return _("Ended. The records are as they were.")
        case "back":
            ask_back(party, change_id, request.POST.get("words", ""), at=at)
            return _("Asked. Somebody else here must confirm it.")
        case _:
            raise NotFoundError


def _field(request: HttpRequest, wrong: InvalidFieldError) -> str:
    """Return which field of the form it is: each of the two has words of its own."""
    is_move = request.POST.get("kind") == MOVE_EXAM
    return (
        {"words": "why", "records": "exam"}.get(wrong.field, wrong.field)
        if is_move
        else wrong.field
    )


def _wish(request: HttpRequest) -> ChangeWish:
    """Read which records, and which exam, the form names.

    Raises:
        InvalidFieldError: they are not chosen, or not two.
    """
    posted = request.POST
    if posted.get("kind") == ONE_PERSON:
        records = posted.getlist("records")
        if len(records) != _PAIR:
            raise InvalidFieldError("records", _("Choose the two records."))
        here, there = (from_text(each) for each in records)
        words = posted.get("words", "")
        return ChangeWish(kind=ONE_PERSON, here_id=here, there_id=there, study_id=None, words=words)
    exam, _space, here_text = posted.get("exam", "").partition(" ")
    into = posted.get("into", "")
    if not exam or not into:
        raise InvalidFieldError("exam", _("Choose the exam, and where it belongs."))
    return ChangeWish(
        kind=MOVE_EXAM,
        here_id=from_text(here_text),
        there_id=None if into == NEW_RECORD else from_text(into),
        study_id=from_text(exam),
        words=posted.get("why", ""),
    )
