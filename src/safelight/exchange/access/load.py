"""Where do the facts of a decision come from?

Reads only. A fact that cannot be read is not guessed: the exception travels up
and the answer is no.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from safelight.exchange.access.facts import Grant, Party, PartyKind, StudyFacts
from safelight.exchange.access.models import CareRelation
from safelight.exchange.consent.models import Consent, ConsentItem
from safelight.exchange.consent.rules import Granted
from safelight.exchange.consent.terms import Permission
from safelight.platform.database.asking import as_id, ask, ask_one, marks
from safelight.records.imaging.models import StudyState

_FACTS: Final = """
    SELECT study.id, study.vault_id, study.patient_id, study.state,
           patient.account_id, vault.account_id, vault.organization_id
    FROM imaging_study AS study JOIN imaging_vault AS vault ON vault.id = study.vault_id
    JOIN imaging_patientrecord AS patient ON patient.id = study.patient_id
    WHERE study.id IN ({marks})
"""
_NAMED: Final = "SELECT 1 FROM consent_consent WHERE recipient_account_id = %s LIMIT 1"


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
    if not study_ids:
        return {}
    studies = [
        (as_id(study), as_id(vault), as_id(patient), *rest)
        for study, vault, patient, *rest in ask(_FACTS.format(marks=marks(study_ids)), *study_ids)
    ]
    treated = _treated(party, {patient for _, _, patient, *_ in studies}, study_ids)
    named = _is_named(party)
    consents = consents_naming(party, study_ids=study_ids) if named else []
    grants = grants_on(study_ids, consents)
    return {
        study: StudyFacts(
            study_id=study,
            vault_id=vault,
            filed=state == StudyState.FILED,
            owner_account=as_id(owner) if owner else None,
            custodian_account=as_id(person) if person else None,
            custodian_organization=as_id(organization) if organization else None,
            party_treats_patient=not treated.isdisjoint({study, patient}),
            grants=grants.get(study, ()),
        )
        for study, vault, patient, state, owner, person, organization in studies
    }


def _is_named(party: Party) -> bool:
    """Say whether any consent at all can name this party."""
    if party.account_id is None:
        return party.kind is PartyKind.GUEST
    return ask_one(_NAMED, party.account_id) is not None


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
