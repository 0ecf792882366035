"""Which consents are told as FHIR: those that somebody gave, or that are about them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.fhir.sought import Page, Resource, Sought, page_of
from safelight.exchange.release.papers.fhir_consent import Given, consent_resource
from safelight.exchange.release.papers.fhir_words import instant
from safelight.exchange.release.papers.taking import consent_for
from safelight.exchange.release.papers.telling import given_as_signed, note_exported
from safelight.exchange.release.viewing.find import deny
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import from_text, to_text
from safelight.records.imaging.models import Study

SYSTEM = "urn:safelight:fhir:consents"


def read_consent(party: Party, consent_id: str, *, at: datetime) -> Resource:
    """Return one consent; that it was taken along is on record.

    Raises:
        NotFoundError: there is none, or it is not this party's to have.
    """
    consent = consent_for(party, from_text(consent_id), at=at)
    if party.only_own and not _is_about(party, consent):
        deny(party, Action.READ_ACTIVITY, tried=consent_id, at=at)
        raise NotFoundError
    note_exported(party, f"consent/{consent.id}", 1, at)
    return _resource(given_as_signed(consent), at)


def search_consents(party: Party, sought: Sought, *, at: datetime) -> Page:
    """Return the consents that fit, the newest first; that they were taken along is on record."""
    page, more = page_of(_fitting(party, sought, at=at), sought)
    note_exported(party, party.name, len(page), at)
    return Page(tuple(page), more)


def _fitting(party: Party, sought: Sought, *, at: datetime) -> Iterator[Resource]:
    theirs = Q(grantor_id=party.account) | Q(subject_account_id=party.account)
    rows = Consent.objects.filter(theirs).order_by("-granted_at", "id")
    if sought.patient:
        rows = rows.filter(pk__in=_touching(sought.patient))
    for consent in rows:
        if party.only_own and not _is_about(party, consent):
            continue
        if sought.ids and to_text(consent.id) not in sought.ids:
            continue
        if not (_is_named(consent, sought) and sought.updated.holds(_changed_at(consent, at))):
            continue
        made = _resource(given_as_signed(consent), at)
        if not sought.status or made["status"] in sought.status:
            yield made


def _touching(patient: str) -> list[UUID]:
    """Return the consents that name exams of a patient, whoever gave them."""
    try:
        of_one = Study.objects.filter(patient_id=from_text(patient))
    except NotFoundError:
        return []
    named = Consent.objects.filter(items__study_id__in=list(of_one.values_list("id", flat=True)))
    return list(named.values_list("id", flat=True))


def _is_about(party: Party, consent: Consent) -> bool:
    return (consent.subject_account_id or consent.grantor_id) == party.account


def _is_named(consent: Consent, sought: Sought) -> bool:
    asked = sought.identifier
    if asked is None:
        return True
    return asked.system in {None, SYSTEM} and asked.value == str(consent.id)


def _changed_at(consent: Consent, at: datetime) -> datetime:
    """Return when a consent last became what it is."""
    moments = (consent.granted_at, consent.revoked_at, consent.suspended_at, consent.ends_at)
    return max(each for each in moments if each is not None and each <= at)


def _resource(given: Given, at: datetime) -> Resource:
    made = consent_resource(given, at=at)
    made["meta"] = made["meta"] | {"lastUpdated": instant(_changed_at(given.consent, at))}
    return made
