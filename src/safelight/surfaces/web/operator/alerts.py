"""The pages on which alerts are looked at, acted upon and closed."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from safelight.exchange.access.facts import Party
from safelight.governance.watch.alerts import WATCHERS, acknowledge, close
from safelight.governance.watch.errors import WordsMissingError
from safelight.governance.watch.measures import Act, lift_by_hand, take_by_hand
from safelight.governance.watch.models import Alert, Verdict
from safelight.governance.watch.queries import OneAlert, alert_lists, one_alert
from safelight.governance.watch.thresholds import Code, Severity
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import from_text
from safelight.surfaces.web.operator.alert_words import (
    ACTS,
    RULES,
    SEVERITIES,
    VERDICTS,
    runbook_of,
)
from safelight.surfaces.web.operator.incidents import incident_line_of, incident_of
from safelight.surfaces.web.operator.rooms import staff_page

_REFUSED: Final = 422


@require_GET
@staff_page(*WATCHERS)
def alerts_page(request: HttpRequest, party: Party) -> HttpResponse:
    """Show what waits, the worst first, and what was closed."""
    lists = alert_lists(party, at=clock.now())
    context = {
        "waiting": [line_of(each) for each in lists.waiting],
        "closed": [line_of(each) for each in lists.closed],
        "incidents": [incident_line_of(each) for each in lists.incidents],
        "incidents_closed": [incident_line_of(each) for each in lists.incidents_closed],
    }
    return render(request, "operator/alerts.html", context)


@require_GET
@staff_page(*WATCHERS)
def alert_page(request: HttpRequest, party: Party, alert_id: str) -> HttpResponse:
    """Show one alert with what it rests on, what was done and what can be done."""
    return _shown(request, one_alert(party, from_text(alert_id), at=clock.now()))


@require_POST
@staff_page(*WATCHERS)
def acknowledge_page(request: HttpRequest, party: Party, alert_id: str) -> HttpResponse:
    """Take an alert on."""
    acknowledge(party, from_text(alert_id), at=clock.now())
    messages.success(request, _("You have taken it on. Others see that."))
    return redirect("operator-alert", alert_id)


@require_POST
@staff_page(*WATCHERS)
def act_page(request: HttpRequest, party: Party, alert_id: str) -> HttpResponse:
    """Do one thing because of an alert."""
    act, _sign, subject = request.POST.get("act", "").partition("|")
    if act not in set(Act):
        raise NotFoundError
    words, at = request.POST.get("words", ""), clock.now()
    try:
        take_by_hand(party, from_text(alert_id), Act(act), subject, words, at=at)
    except (WordsMissingError, StateConflictError) as error:
        return _said_no(request, party, alert_id, "act", error)
    messages.success(request, _("Done, from now on."))
    return redirect("operator-alert", alert_id)


@require_POST
@staff_page(*WATCHERS)
def lift_page(request: HttpRequest, party: Party, alert_id: str, measure_id: str) -> HttpResponse:
    """Take a measure back."""
    words, at = request.POST.get("words", ""), clock.now()
    try:
        lift_by_hand(party, from_text(measure_id), words, at=at)
    except WordsMissingError as error:
        return _said_no(request, party, alert_id, "lift", error)
    messages.success(request, _("Taken back, from now on."))
    return redirect("operator-alert", alert_id)


@require_POST
@staff_page(*WATCHERS)
def close_page(request: HttpRequest, party: Party, alert_id: str) -> HttpResponse:
    """Say what it was, and be done with it."""
    verdict, words = request.POST.get("verdict", ""), request.POST.get("words", "")
    if verdict not in set(Verdict):
        return _said_no(request, party, alert_id, "close", WordsMissingError())
    try:
        close(party, from_text(alert_id), Verdict(verdict), words, at=clock.now())
    except (WordsMissingError, StateConflictError) as error:
        return _said_no(request, party, alert_id, "close", error)
    messages.success(request, _("Closed. What was done stays until you take it back."))
    return redirect("operator-alerts")


def _said_no(
    request: HttpRequest, party: Party, alert_id: str, form: str, error: Exception
) -> HttpResponse:
    found = one_alert(party, from_text(alert_id), at=clock.now())
    return _shown(request, found, problem=(form, str(error)))


def _shown(
    request: HttpRequest, found: OneAlert, *, problem: tuple[str, str] = ("", "")
) -> HttpResponse:
    context = shown_of(found, problem=problem) | {"room": "operator-alerts"}
    status = _REFUSED if problem[1] else 200
    return render(request, "operator/alert.html", context, status=status)


def shown_of(found: OneAlert, *, problem: tuple[str, str] = ("", "")) -> dict[str, Any]:
    """Return what the page of one alert shows; `problem` is the form that was refused, and why."""
    return {
        **line_of(found.row),
        "found": found,
        "choices": [(f"{act}|{subject}", ACTS[act][0], subject) for act, subject in found.choices],
        "measures": [(each, ACTS[Act(each.kind)][1]) for each in found.measures],
        "incidents": [incident_of(each) for each in found.incidents],
        "verdicts": VERDICTS.items(),
        "verdict": VERDICTS.get(Verdict(found.row.verdict)) if found.row.verdict else "",
        "wrong_in": problem[0],
        "problem": problem[1],
    }


def line_of(alert: Alert) -> dict[str, Any]:
    """Return what a line of the list shows of an alert."""
    code = Code(alert.rule)
    words, tone, sign = SEVERITIES[Severity(alert.severity)]
    return {
        "alert": alert,
        "rule": RULES[code],
        "severity": words,
        "tone": tone,
        "sign": sign,
        "runbook": runbook_of(code),
    }
