"""What can be reached from an address that is about one exam, and whose other exams are those?

The full viewer asks for every exam with the same patient ID, and two places give the same
one to different people. Under an exam's own address it finds exams of its patient alone.
A copy without a name is beside no exam at all: it would say whose the copy is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from uuid import UUID

from safelight.exchange.access.facts import Party
from safelight.platform.database.asking import as_id, ask

_NO_COPY: Final = """ AND NOT EXISTS (
    SELECT 1 FROM imaging_studycopy AS copy WHERE copy.study_id IN (one.id, other.id))
"""
_OF_THE_SAME: Final = """
    SELECT other.id FROM imaging_study AS one
    JOIN imaging_study AS other ON other.patient_id = one.patient_id
    WHERE one.id = %s{but_no_copy}
"""
# Records of two institutions are one person's where that person claimed both. What lies in
# somebody's own vault may be another's: a daughter keeps her mother's exams.
_OF_THE_PERSON: Final = """
    SELECT other.id FROM imaging_study AS one
    JOIN imaging_patientrecord AS here ON here.id = one.patient_id
    JOIN imaging_vault AS house ON house.id = here.vault_id AND house.organization_id IS NOT NULL
    JOIN imaging_patientrecord AS there ON there.account_id = here.account_id
    JOIN imaging_vault AS place ON place.id = there.vault_id AND place.organization_id IS NOT NULL
    JOIN imaging_study AS other ON other.patient_id = there.id
    WHERE one.id = %s AND there.id <> here.id{but_no_copy}
"""
# Two people of a desk said that two of its records are one person's. It opens neither.
_OF_THE_LINKED: Final = """
    SELECT other.id FROM imaging_study AS one
    JOIN imaging_recordchange AS said ON said.kind = 'one-person'
        AND said.confirmed_at IS NOT NULL AND said.ended_at IS NULL
        AND one.patient_id IN (said.here_id, said.there_id)
    JOIN imaging_study AS other ON other.patient_id IN (said.here_id, said.there_id)
        AND other.patient_id <> one.patient_id
    WHERE one.id = %s{but_no_copy}
"""


def among_patients_exams(party: Party, study_id: UUID) -> Party:
    """Bound a party to one exam and the others in the same patient's record.

    It may do no more there than anywhere: the rules still judge each exam.
    """
    return replace(party, only=of_the_same_record(study_id) | {study_id})


def of_the_same_record(study_id: UUID) -> frozenset[UUID]:
    """Return the other exams in the same patient's record, whoever may see them."""
    return _asked(_OF_THE_SAME, study_id) - {study_id}


def of_the_same_person(study_id: UUID) -> frozenset[UUID]:
    """Return the exams in the person's other records: by their claims, or by two of a desk."""
    return _asked(_OF_THE_PERSON, study_id) | _asked(_OF_THE_LINKED, study_id)


def _asked(statement: str, study_id: UUID) -> frozenset[UUID]:
    found = ask(statement.format(but_no_copy=_NO_COPY), study_id)
    return frozenset(as_id(other) for (other,) in found)
