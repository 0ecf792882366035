"""Whom does an institution mean by a patient's number and day of birth?"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from safelight.dicom.elements.dates import parse_date
from safelight.records.imaging.models import PatientRecord, SearchToken, Study
from safelight.records.imaging.patients import identity_of
from safelight.records.imaging.tokens import word_token


def patient_known_as(vault_id: UUID, number: str, born_on: date) -> PatientRecord | None:
    """Return the one record that has both, None if there is none or more than one."""
    found = {study.patient_id for study in _studies_with(vault_id, "patient-id", number)}
    rows = PatientRecord.objects.filter(pk__in=found, vault_id=vault_id)
    fits = [row for row in rows if birth_of(row) == born_on]
    return fits[0] if len(fits) == 1 else None


def patients_numbered(vault_id: UUID, numbers: list[str]) -> list[PatientRecord]:
    """Return the records in which an exam bears one of these numbers."""
    found = {
        study.patient_id
        for number in numbers
        for study in _studies_with(vault_id, "patient-id", number)
    }
    return list(PatientRecord.objects.filter(pk__in=found, vault_id=vault_id).order_by("pk"))


def exam_known_as(patient: PatientRecord, accession: str) -> UUID | None:
    """Return the one exam of a patient that has an accession number, None if none or more."""
    found = {
        study.pk
        for study in _studies_with(patient.vault_id, "accession", accession)
        if study.patient_id == patient.pk
    }
    return found.pop() if len(found) == 1 else None


def birth_of(patient: PatientRecord) -> date | None:
    """Return the day of birth on record, None if there is none."""
    return parse_date(identity_of(patient.vault_id, patient).birth_date)


def _studies_with(vault_id: UUID, field: str, word: str) -> list[Study]:
    tokens = SearchToken.objects.filter(
        vault_id=vault_id, token=word_token(vault_id, field, word.strip())
    )
    return list(Study.objects.filter(pk__in=tokens.values("study_id"), vault_id=vault_id))
