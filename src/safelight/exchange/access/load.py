"""Where do the facts of a decision come from?

Reads only. A fact that cannot be read is not guessed: the exception travels up
and the answer is no.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from safelight.exchange.access.facts import Grant, Party, PartyKind, StudyFacts
from safelight.exchange.access.models import CareRelation
from safelight.exchange.consent.models import Consent, ConsentItem
from safelight.exchange.consent.rules import Granted
from safelight.exchange.consent.terms import Permission
from safelight.records.imaging.models import PatientRecord, Study, StudyState, Vault

# A study's answer is long and decides nothing.
_DECIDING = ("id", "vault_id", "patient_id", "state")


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


def grants_on(
    study_ids: Sequence[UUID], consents: Iterable[Consent]
) -> dict[UUID, tuple[Grant, ...]]:
    """Return what each of the consents covers of each of the studies."""
    by_id = {consent.id: consent for consent in consents}
    if not by_id:
        return {}
    covered: dict[tuple[UUID, UUID], dict[UUID, int]] = {}
    for item in ConsentItem.objects.filter(study_id__in=study_ids, consent_id__in=by_id):
        key = (item.study_id, item.consent_id)
        covered.setdefault(key, {})[item.series_id] = item.up_to
    grants: dict[UUID, list[Grant]] = {}
    for (study_id, consent_id), series in covered.items():
        grant = Grant(granted=granted(by_id[consent_id]), series=series)
        grants.setdefault(study_id, []).append(grant)
    return {study_id: tuple(found) for study_id, found in grants.items()}


def consents_naming(party: Party, *, study_ids: Sequence[UUID] | None = None) -> list[Consent]:
    """Return every consent, live or ended, that names this party as its recipient."""
    if party.kind is PartyKind.GUEST and party.consent_id is not None:
        found = Consent.objects.filter(pk=party.consent_id)
    elif party.account_id is not None:
        found = Consent.objects.filter(recipient_account_id=party.account_id)
    else:
        return []
    if study_ids is not None:
        found = found.filter(items__study_id__in=study_ids).distinct()
    return list(found.order_by("granted_at"))


def study_facts(party: Party, study_ids: Sequence[UUID]) -> dict[UUID, StudyFacts]:
    """Load what decides about some studies for one party; those that do not exist are absent."""
    studies = list(Study.objects.filter(pk__in=study_ids).only(*_DECIDING))
    vaults = Vault.objects.in_bulk({study.vault_id for study in studies})
    owners = dict(
        PatientRecord.objects.filter(pk__in={study.patient_id for study in studies}).values_list(
            "id", "account_id"
        )
    )
    treated = _treated(party, owners, study_ids)
    grants = grants_on(study_ids, consents_naming(party, study_ids=study_ids))
    return {
        study.id: StudyFacts(
            study_id=study.id,
            vault_id=study.vault_id,
            filed=study.state == StudyState.FILED,
            owner_account=owners[study.patient_id],
            custodian_account=vaults[study.vault_id].account_id,
            custodian_organization=vaults[study.vault_id].organization_id,
            party_treats_patient=not treated.isdisjoint({study.id, study.patient_id}),
            grants=grants.get(study.id, ()),
        )
        for study in studies
    }


def _treated(party: Party, patients: Iterable[UUID], study_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Return the patients whom the party treats, and the single studies it has care of."""
    if party.kind is not PartyKind.PROVIDER or party.account_id is None:
        return frozenset()
    live = CareRelation.objects.filter(account_id=party.account_id, ended_at__isnull=True)
    of_patients = live.filter(patient_id__in=list(patients), study_id__isnull=True)
    of_studies = live.filter(study_id__in=study_ids)
    ids = [*of_patients.values_list("patient_id"), *of_studies.values_list("study_id")]
    return frozenset(identity for (identity,) in ids if identity is not None)


def care_began(
    vault_id: UUID,
    patient_id: UUID,
    account_id: UUID,
    *,
    at: datetime,
    study_ids: Iterable[UUID] = (),
) -> None:
    """Record that a member of the care team treats this patient, if it is not known yet.

    Where `study_ids` names some of the patient's studies, it is for these alone.
    """
    about = {"patient_id": patient_id, "account_id": account_id, "ended_at": None}
    defaults = {"vault_id": vault_id, "since": at}
    if CareRelation.objects.filter(**about, study_id=None).exists():
        return
    only: set[UUID | None] = set(study_ids)
    for study_id in only or {None}:
        CareRelation.objects.get_or_create(**about, study_id=study_id, defaults=defaults)
