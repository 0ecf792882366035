"""Who may take which receipt of a consent along, and how is that put on record?

Whoever gave it, and the person it is about, have the whole one. So has whoever can look
under it now, but for a copy without a name: its recipient has one that names nobody.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.access.load import study_facts
from safelight.exchange.access.rules import standing_refusal
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.rules import refusal
from safelight.exchange.consent.terms import Form, Permission
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.papers.receipt import receipt_of
from safelight.exchange.release.papers.receipt_of_copy import receipt_of_copy
from safelight.exchange.release.viewing.find import deny
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import record


def receipt(party: Party, consent_id: UUID, *, at: datetime) -> bytes:
    """Return the signed PDF of a consent that is for this party; that it was taken is on record.

    Raises:
        NotFoundError: there is no such consent, or it is not this party's to have.
    """
    consent = Consent.objects.filter(pk=consent_id).first()
    if consent is None or not (_gave(party, consent) or _looks_under(party, consent, at)):
        deny(party, Action.VIEW, at=at)
        raise NotFoundError
    with transaction.atomic():
        record(
            ReleaseEvent.RECEIPT_TAKEN,
            actor=party.name,
            session=party.session,
            subject=f"consent/{consent.id}",
            vault_id=consent.vault_id,
            consent_id=consent.id,
            at=at,
        )
    return receipt_of(consent) if _may_read_all(party, consent) else receipt_of_copy(consent)


def consent_for(party: Party, consent_id: UUID, *, at: datetime) -> Consent:
    """Return a consent to whoever may read all of it.

    Raises:
        NotFoundError: there is none, or it is not for this party; never which.
    """
    consent = Consent.objects.filter(pk=consent_id).first()
    if (
        consent is None
        or not _may_read_all(party, consent)
        or not (_gave(party, consent) or _looks_under(party, consent, at))
    ):
        deny(party, Action.VIEW, at=at)
        raise NotFoundError
    return consent


def _may_read_all(party: Party, consent: Consent) -> bool:
    """Say whether a party that may have a receipt may read who gave it.

    The words and the signature of a consent to copies without a name would name the giver.
    """
    return consent.form == Form.IDENTIFIED or _gave(party, consent)


def _gave(party: Party, consent: Consent) -> bool:
    if standing_refusal(party, Action.READ_ACTIVITY) is not None or party.account_id is None:
        return False
    return party.account_id in {consent.grantor_id, consent.subject_account_id}


def _looks_under(party: Party, consent: Consent, at: datetime) -> bool:
    """Say whether the party can look now, and this consent is one that lets them."""
    for study_id in set(consent.items.values_list("study_id", flat=True)):
        decision = decide(party, Action.VIEW, study_id, at=at)
        if not decision.allowed or decision.consent_id is None:
            continue
        facts = study_facts(party, [study_id])[study_id]
        given = [each.granted for each in facts.grants if each.granted.consent_id == consent.id]
        if any(
            refusal(one, Permission.VIEW, at=at) is None and facts.sensitive <= one.sensitive
            for one in given
        ):
            return True
    return False
