"""Where do the facts of a decision come from?

Reads only. A fact that cannot be read is not guessed: the exception travels up
and the answer is no.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from safelight.exchange.access.facts import Grant, Party, PartyKind, StudyFacts
from safelight.exchange.access.models import CareRelation
from safelight.exchange.consent.models import Consent, ConsentItem
from safelight.exchange.consent.rules import Granted
from safelight.exchange.consent.terms import Permission
from safelight.records.imaging.models import PatientRecord, Study, StudyState, Vault


def granted(consent: Consent) -> Granted:
    """Return the facts of a consent row that rules decide on."""
    permissions = {Permission.VIEW} if consent.may_view else set()
    if consent.may_download:
        permissions.add(Permission.DOWNLOAD)
    return Granted(
        consent_id=consent.id,
        permissions=frozenset(permissions),
        granted_at=consent.granted_at,
        starts_at=consent.starts_at,
        ends_at=consent.ends_at,
        revoked_at=consent.revoked_at,
    )


def grants_on(study_id: UUID, consents: Iterable[Consent]) -> tuple[Grant, ...]:
    """Return what each of the consents covers of one study."""
    by_id = {consent.id: consent for consent in consents}
    series: dict[UUID, dict[UUID, int]] = {}
    for item in ConsentItem.objects.filter(study_id=study_id, consent_id__in=by_id):
        series.setdefault(item.consent_id, {})[item.series_id] = item.up_to
    return tuple(
        Grant(granted=granted(by_id[consent_id]), series=covered)
        for consent_id, covered in series.items()
    )


def consents_naming(party: Party, *, study_id: UUID | None = None) -> list[Consent]:
    """Return every consent, live or ended, that names this party as its recipient."""
    if party.kind is PartyKind.GUEST and party.consent_id is not None:
        found = Consent.objects.filter(pk=party.consent_id)
    elif party.account_id is not None:
        found = Consent.objects.filter(recipient_account_id=party.account_id)
    else:
        return []
    if study_id is not None:
        found = found.filter(items__study_id=study_id).distinct()
    return list(found.order_by("granted_at"))


def study_facts(party: Party, study_id: UUID) -> StudyFacts | None:
    """Load what decides about one study for one party, or None if it does not exist."""
    study = Study.objects.filter(pk=study_id).first()
    if study is None:
        return None
    vault = Vault.objects.get(pk=study.vault_id)
    patient = PatientRecord.objects.get(pk=study.patient_id)
    treats = (
        party.account_id is not None
        and CareRelation.objects.filter(
            patient_id=patient.id, account_id=party.account_id, ended_at__isnull=True
        ).exists()
    )
    return StudyFacts(
        study_id=study.id,
        vault_id=study.vault_id,
        filed=study.state == StudyState.FILED,
        owner_account=patient.account_id,
        custodian_account=vault.account_id,
        custodian_organization=vault.organization_id,
        party_treats_patient=treats,
        grants=grants_on(study.id, consents_naming(party, study_id=study.id)),
    )


def care_began(vault_id: UUID, patient_id: UUID, account_id: UUID, *, at: datetime) -> None:
    """Record that a member of the care team treats this patient, if it is not known yet."""
    CareRelation.objects.get_or_create(
        patient_id=patient_id,
        account_id=account_id,
        ended_at=None,
        defaults={"vault_id": vault_id, "since": at},
    )
