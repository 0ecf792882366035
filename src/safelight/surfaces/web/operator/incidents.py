"""The page on which an incident is looked into and closed, whoever or whatever opened it."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from safelight.exchange.access.facts import Party
from safelight.governance.watch.alerts import WATCHERS
from safelight.governance.watch.errors import OutcomeMissingError, WordsMissingError
from safelight.governance.watch.incidents import move_incident
from safelight.governance.watch.models import Incident, IncidentState, Outcome
from safelight.governance.watch.queries import OneIncident, one_incident
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import from_text
from safelight.surfaces.web.operator.alert_words import MOVES, OUTCOMES, SOURCES, STATES
from safelight.surfaces.web.operator.rooms import staff_page

_REFUSED: Final = 422


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WATCHERS)
def incident_page(request: HttpRequest, party: Party, incident_id: str) -> HttpResponse:
    """Show an incident with its steps, or take it one step on."""
    if request.method == "POST":
        return _moved(request, party, incident_id)
    return _shown(request, one_incident(party, from_text(incident_id), at=clock.now()))


def _moved(request: HttpRequest, party: Party, incident_id: str) -> HttpResponse:
    asked = request.POST
    state, outcome, words = (asked.get(name, "") for name in ("state", "outcome", "words"))
    if state not in set(IncidentState):
        raise NotFoundError
    which, at = from_text(incident_id), clock.now()
    said = Outcome(outcome) if outcome in set(Outcome) else None
    try:
        move_incident(party, which, IncidentState(state), words, outcome=said, at=at)
    except (WordsMissingError, OutcomeMissingError, StateConflictError) as error:
        return _shown(request, one_incident(party, which, at=at), problem=error, words=words)
    messages.success(request, _("Kept, with your words."))
    return redirect("operator-incident", incident_id)


def _shown(
    request: HttpRequest,
    found: OneIncident,
    *,
    problem: Exception | None = None,
    words: str = "",
) -> HttpResponse:
    context = shown_of(found, problem=problem, words=words) | {"room": "operator-alerts"}
    return render(request, "operator/incident.html", context, status=_REFUSED if problem else 200)


def shown_of(
    found: OneIncident, *, problem: Exception | None = None, words: str = ""
) -> dict[str, Any]:
    """Return what the page of one incident shows; `words` are kept for whoever was refused."""
    return {
        **incident_of(found),
        "record_of": urlencode({_asked_as(found.row.subject): found.row.subject}),
        "outcomes": OUTCOMES.items(),
        "problem": str(problem) if problem else "",
        "wrong_in": "outcome" if isinstance(problem, OutcomeMissingError) else "words",
        "words": words,
    }


def _asked_as(subject: str) -> str:
    """Say as what the record is asked about this: what an account did, or what was done to it."""
    return "actor" if subject.startswith("account/") else "subject"


def incident_of(found: OneIncident) -> dict[str, Any]:
    """Return what is shown of an incident wherever it stands."""
    return {
        **incident_line_of(found.row),
        "due_at": found.due_at,
        "steps": [
            (each, STATES[IncidentState(each.state)], OUTCOMES.get(each.outcome, ""))
            for each in found.steps
        ],
        "moves": [(to, MOVES[to]) for to in found.next if to != IncidentState.CLOSED],
        "may_close": IncidentState.CLOSED in found.next,
    }


def incident_line_of(row: Incident) -> dict[str, Any]:
    """Return what a line of the list shows of an incident."""
    return {
        "incident": row,
        "state": STATES[IncidentState(row.state)],
        "source": SOURCES.get(row.source, row.source),
    }
