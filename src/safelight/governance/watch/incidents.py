"""When is it more than an alert, and by when must those it touches have been told?

An incident may become a breach; the law's sixty days run from its discovery, which is
set once (45 CFR 164.404). Assessing it and telling people is another room's; this one
keeps what happened, since when, and how far somebody has got.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.facts import Party
from safelight.exchange.access.staff import require_staff
from safelight.governance.watch.errors import (
    IncidentStepError,
    OutcomeMissingError,
    WordsMissingError,
)
from safelight.governance.watch.events import WatchEvent
from safelight.governance.watch.models import (
    Alert,
    Incident,
    IncidentState,
    IncidentStep,
    Outcome,
)
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import record
from safelight.records.accounts.models import StaffRole

TIME_TO_TELL: Final = timedelta(days=60)
SUSPECTED, TRIAGED, CONTAINED, CLOSED = IncidentState
NEXT: Final = {
    SUSPECTED: frozenset({TRIAGED, CONTAINED, CLOSED}),
    TRIAGED: frozenset({CONTAINED, CLOSED}),
    CONTAINED: frozenset({CLOSED}),
    CLOSED: frozenset({SUSPECTED}),
}
HANDLERS: Final = (StaffRole.SECURITY_OFFICER, StaffRole.PRIVACY_OFFICIAL)


def open_incident(
    source: str,
    subject: str,
    *,
    discovered_at: datetime,
    at: datetime,
    alert: Alert | None = None,
    by: str = "system",
) -> Incident:
    """Open an incident, or return the one that is open about this subject from this source.

    `source` is a code: "detection", "report", "compromise"; `subject` an opaque id.
    """
    with transaction.atomic():
        going_on = Incident.objects.filter(source=source, subject=subject).exclude(state=CLOSED)
        if (known := going_on.first()) is not None:
            return known
        made = Incident.objects.create(
            source=source,
            subject=subject,
            alert=alert,
            discovered_at=discovered_at,
            opened_at=at,
            opened_by=by,
        )
        IncidentStep.objects.create(incident=made, state=SUSPECTED, by=by, at=at, words="")
        record(
            WatchEvent.INCIDENT_OPENED,
            actor=by,
            subject=f"incident/{made.pk}",
            reason=source,
            at=at,
        )
    return made


def move_incident(
    party: Party,
    incident_id: UUID,
    state: IncidentState,
    words: str,
    *,
    outcome: Outcome | None = None,
    at: datetime,
) -> None:
    """Say how far one has got, and why. A closed one can be opened again.

    Closing it takes an `outcome`; no other step has one.

    Raises:
        NotFoundError: no such incident, or not for this party.
        IncidentStepError: it does not go from where it stands to there.
        WordsMissingError: nothing is said.
        OutcomeMissingError: it is to be closed, and nobody says what it was.
    """
    require_staff(party, *HANDLERS)
    if not words.strip():
        raise WordsMissingError
    if state == CLOSED and outcome is None:
        raise OutcomeMissingError
    said = outcome if state == CLOSED and outcome is not None else ""
    with transaction.atomic():
        row = Incident.objects.select_for_update().filter(pk=incident_id).first()
        if row is None:
            raise NotFoundError
        if state not in NEXT[IncidentState(row.state)]:
            raise IncidentStepError
        row.state = state
        row.save(update_fields=["state"])
        IncidentStep.objects.create(
            incident=row,
            state=state,
            outcome=said,
            by=party.name,
            at=at,
            words=words.strip(),
        )
        record(
            WatchEvent.INCIDENT_MOVED,
            actor=party.name,
            session=party.session,
            subject=f"incident/{row.pk}",
            reason=f"{state.value}:{said}" if said else state.value,
            at=at,
        )


def due_at(incident: Incident) -> datetime:
    """Return by when those it touches must have been told, should it be a breach."""
    return incident.discovered_at + TIME_TO_TELL
