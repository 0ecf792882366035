"""Under which consent does a copy go to a partner's Safelight, and what is that one told of it?"""

from __future__ import annotations

from uuid import UUID

from safelight.exchange.consent.models import Consent
from safelight.exchange.receive.handover.terms import HandoverTerms
from safelight.exchange.release.signed import terms_of
from safelight.exchange.release.transfer.models import CopyThere, Transfer
from safelight.records.imaging.models import Instance
from safelight.records.imaging.store import card_of


def terms_under(row: Transfer, consent_id: UUID | None) -> HandoverTerms | None:
    """Return what a patient agreed to, as the other side is told it; None where nothing is left.

    Nothing is left where there is no such consent, or the exam was erased here.
    """
    consent = Consent.objects.filter(pk=consent_id or UUID(int=0)).first()
    first = row.items.order_by("number").values("instance_id")[:1]
    instance = Instance.objects.filter(id__in=first).first()
    if consent is None or instance is None:
        return None
    agreed = terms_of(consent)
    return HandoverTerms(
        study=card_of(instance).study_instance_uid,
        wanted=row.wanted,
        consent=str(consent.pk),
        purpose=agreed.purpose.value,
        further=agreed.further.kind.value,
        given_at=consent.granted_at,
        ends_at=consent.ends_at,
    )


def announced_under(row: Transfer) -> UUID | None:
    """Return the consent under which a partner's Safelight was told of a transfer last."""
    told = CopyThere.objects.filter(transfer=row).values_list("consent_id", flat=True).first()
    return told or row.consent_id
