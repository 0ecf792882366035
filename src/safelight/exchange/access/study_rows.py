"""Whose is a study and who keeps it, apart from anybody who asks?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from safelight.platform.database.asking import as_id, as_time, ask, marks
from safelight.records.imaging.models import StudyState

_FACTS: Final = """
    SELECT study.id, study.vault_id, study.patient_id, study.state, study.received_at,
           patient.account_id, vault.account_id, vault.organization_id
    FROM imaging_study AS study JOIN imaging_vault AS vault ON vault.id = study.vault_id
    JOIN imaging_patientrecord AS patient ON patient.id = study.patient_id
    WHERE study.id IN ({marks})
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRow:
    """One study, whose it is and who keeps it."""

    id: UUID
    vault_id: UUID
    patient_id: UUID
    filed: bool
    received_at: datetime
    owner_account: UUID | None
    custodian_account: UUID | None
    custodian_organization: UUID | None


def study_rows(study_ids: Sequence[UUID]) -> list[StudyRow]:
    """Return what is known of some studies apart from anybody who asks."""
    if not study_ids:
        return []
    return [
        StudyRow(
            id=as_id(study),
            vault_id=as_id(vault),
            patient_id=as_id(patient),
            filed=state == StudyState.FILED,
            received_at=as_time(received),
            owner_account=as_id(owner) if owner else None,
            custodian_account=as_id(person) if person else None,
            custodian_organization=as_id(organization) if organization else None,
        )
        for study, vault, patient, state, received, owner, person, organization in ask(
            _FACTS.format(marks=marks(study_ids)), *study_ids
        )
    ]
