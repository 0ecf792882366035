"""Who had what of one's own exams, as AuditEvents: the lines of the accounting (R11)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.fhir.sought import Page, Resource, Sought, page_of
from safelight.exchange.release.papers.accounting import Entry, Extent, lines_of
from safelight.exchange.release.papers.fhir_events import event_of
from safelight.exchange.release.papers.gathering import entries_of
from safelight.exchange.release.people import name_of
from safelight.exchange.release.periods import ALWAYS, Period
from safelight.exchange.release.viewing.find import deny
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import from_text
from safelight.platform.audit.actions import record
from safelight.platform.audit.proving import places_of


def read_audit_event(party: Party, event: str, *, at: datetime) -> Resource:
    """Return one line of the accounting of one's own exams. That it was read is on record.

    Raises:
        NotFoundError: there is none, or it is about somebody else's exams; never which.
    """
    entries = [each for each in entries_of(party, ALWAYS, at=at) if each.number == event]
    if not entries:
        deny(party, Action.READ_ACTIVITY, tried=event, at=at)
        raise NotFoundError
    _note(party, at)
    return _resources(party, entries)[0]


def search_audit_events(party: Party, sought: Sought, *, at: datetime) -> Page:
    """Return the lines that fit, the newest first. That they were read is on record."""
    page, more = page_of(_fitting(party, sought, at=at), sought)
    _note(party, at)
    return Page(tuple(_resources(party, page)), more)


def _fitting(party: Party, sought: Sought, *, at: datetime) -> list[Entry]:
    period = _both(sought.recorded, sought.updated)
    try:
        patient_id = from_text(sought.patient) if sought.patient else None
    except NotFoundError:
        return []
    entries = entries_of(party, period, patient_id=patient_id, at=at)
    named = [each for each in entries if not sought.ids or each.number in sought.ids]
    return sorted(named, key=lambda each: (each.at, each.number), reverse=True)


def _both(one: Period, other: Period) -> Period:
    since = [each for each in (one.since, other.since) if each is not None]
    before = [each for each in (one.before, other.before) if each is not None]
    return Period(since=max(since, default=None), before=min(before, default=None))


def _resources(party: Party, entries: list[Entry]) -> list[Resource]:
    name = name_of(party.account)
    places = places_of([each.entry_id for each in entries if each.entry_id is not None]).of
    made = []
    for entry in entries:
        (line,) = lines_of([entry], Extent.COMPLETE)
        told = event_of(line, name, [places[each] for each in line.entry_ids if each in places])
        told["meta"] = told["meta"] | {"lastUpdated": told["recorded"]}
        made.append(told)
    return made


def _note(party: Party, at: datetime) -> None:
    with transaction.atomic():
        record(
            ReleaseEvent.ACTIVITY_READ,
            actor=party.name,
            session=party.session,
            subject=party.name,
            at=at,
        )
