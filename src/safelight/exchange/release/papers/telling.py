"""Who may take consents along as FHIR, and how is that put on record?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import Q

from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.access.rules import standing_refusal
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.papers.fhir_consent import Given, bundle_of, consent_resource
from safelight.exchange.release.papers.taking import consent_for
from safelight.exchange.release.signed import record_of, terms_of
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import record


def consent_as_fhir(party: Party, consent_id: UUID, *, at: datetime) -> bytes:
    """Return one consent as a FHIR resource.

    Raises:
        NotFoundError: there is none, or it is not this party's to have.
    """
    consent = consent_for(party, consent_id, at=at)
    note_exported(party, f"consent/{consent.id}", 1, at)
    return orjson.dumps(consent_resource(given_as_signed(consent), at=at))


def consents_as_fhir(party: Party, *, at: datetime) -> bytes:
    """Return all consents that this party gave, or that are about them, with their signatures.

    Raises:
        NotFoundError: this party is nobody who could have given any.
    """
    if standing_refusal(party, Action.READ_ACTIVITY) is not None:
        raise NotFoundError
    theirs = Q(grantor_id=party.account) | Q(subject_account_id=party.account)
    consents = list(Consent.objects.filter(theirs).order_by("granted_at"))
    note_exported(party, party.name, len(consents), at)
    return orjson.dumps(bundle_of([given_as_signed(each) for each in consents], at=at))


def given_as_signed(consent: Consent) -> Given:
    """Return a consent with all that is to be told of it."""
    return Given(consent=consent, terms=terms_of(consent), signed=record_of(consent))


def note_exported(party: Party, subject: str, count: int, at: datetime) -> None:
    """Put it on record that consents were taken along."""
    with transaction.atomic():
        record(
            ReleaseEvent.CONSENT_EXPORTED,
            actor=party.name,
            session=party.session,
            subject=subject,
            count=count,
            at=at,
        )
