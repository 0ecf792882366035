"""What do those see who look after alerts? That they looked is on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.facts import Party
from safelight.exchange.access.staff import is_staff, require_staff
from safelight.governance.watch.alerts import WATCHERS
from safelight.governance.watch.events import WatchEvent
from safelight.governance.watch.incidents import HANDLERS, NEXT, due_at
from safelight.governance.watch.measures import Act, fits
from safelight.governance.watch.models import (
    Alert,
    AlertState,
    Incident,
    IncidentState,
    IncidentStep,
    Measure,
)
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import record
from safelight.platform.audit.watching import Happened, entries_with, sessions_in

_MOST_CLOSED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLists:
    """What waits, the worst first, and what was closed, the latest first."""

    waiting: list[Alert]
    closed: list[Alert]
    incidents: list[Incident]
    incidents_closed: list[Incident]


@dataclass(frozen=True, slots=True, kw_only=True)
class OneIncident:
    """An incident, by when those it touches must be told, and where this reader can take it."""

    row: Incident
    due_at: datetime
    steps: list[IncidentStep]
    next: list[IncidentState]


@dataclass(frozen=True, slots=True, kw_only=True)
class OneAlert:
    """An alert with what it rests on, what was done, and what can be done to whom."""

    row: Alert
    entries: list[Happened]
    measures: list[Measure]
    incidents: list[OneIncident]
    choices: list[tuple[Act, str]]


def alert_lists(party: Party, *, at: datetime) -> AlertLists:
    """List the alerts.

    Raises:
        NotFoundError: not for this party.
    """
    require_staff(party, *WATCHERS)
    rows = list(Alert.objects.exclude(state=AlertState.CLOSED).order_by("-raised_at"))
    order = {"high": 0, "medium": 1, "low": 2}
    rows.sort(key=lambda row: order[row.severity])
    closed = Alert.objects.filter(state=AlertState.CLOSED).order_by("-closed_at")[:_MOST_CLOSED]
    incidents = Incident.objects.exclude(state=IncidentState.CLOSED).order_by("discovered_at")
    settled = Incident.objects.filter(state=IncidentState.CLOSED).order_by("-opened_at")
    with transaction.atomic():
        record(
            WatchEvent.ALERTS_LISTED,
            actor=party.name,
            session=party.session,
            count=len(rows),
            at=at,
        )
    return AlertLists(
        waiting=rows,
        closed=list(closed),
        incidents=list(incidents),
        incidents_closed=list(settled[:_MOST_CLOSED]),
    )


def one_alert(party: Party, alert_id: UUID, *, at: datetime) -> OneAlert:
    """Show an alert with all that belongs to it.

    Raises:
        NotFoundError: no such alert, or not for this party.
    """
    require_staff(party, *WATCHERS)
    row = Alert.objects.filter(pk=alert_id).first()
    if row is None:
        raise NotFoundError
    seqs = list(row.entries.values_list("seq", flat=True))
    entries = entries_with(seqs)
    with transaction.atomic():
        record(
            WatchEvent.ALERT_READ,
            actor=party.name,
            session=party.session,
            subject=f"alert/{row.pk}",
            count=len(entries),
            at=at,
        )
    return OneAlert(
        row=row,
        entries=entries,
        measures=list(row.measures.order_by("taken_at")),
        incidents=[_incident(party, each) for each in row.incidents.order_by("opened_at")],
        choices=_choices(row, entries, sessions_in(seqs)),
    )


def one_incident(party: Party, incident_id: UUID, *, at: datetime) -> OneIncident:
    """Show an incident, whoever or whatever opened it.

    Raises:
        NotFoundError: no such incident, or not for this party.
    """
    require_staff(party, *WATCHERS)
    row = Incident.objects.select_related("alert").filter(pk=incident_id).first()
    if row is None:
        raise NotFoundError
    with transaction.atomic():
        record(
            WatchEvent.INCIDENT_READ,
            actor=party.name,
            session=party.session,
            subject=f"incident/{row.pk}",
            at=at,
        )
    return _incident(party, row)


def open_count() -> int:
    """Count the alerts that wait, for the overview of those that run the instance."""
    return Alert.objects.exclude(state=AlertState.CLOSED).count()


def _incident(party: Party, row: Incident) -> OneIncident:
    reachable = NEXT[IncidentState(row.state)] if is_staff(party, *HANDLERS) else frozenset()
    return OneIncident(
        row=row,
        due_at=due_at(row),
        steps=list(row.steps.order_by("at", "pk")),
        next=[each for each in IncidentState if each in reachable],
    )


def _choices(row: Alert, entries: list[Happened], sessions: list[str]) -> list[tuple[Act, str]]:
    about = [row.subject, *sessions]
    for each in entries:
        about += [each.actor, each.subject]
    about.append("instance")
    found = [
        (act, subject)
        for act in Act
        for subject in dict.fromkeys(about)
        if subject and "aim/" not in subject and fits(act, subject)
    ]
    taken = set(row.measures.filter(lifted_at=None).values_list("kind", "subject"))
    return [each for each in found if (each[0].value, each[1]) not in taken]
