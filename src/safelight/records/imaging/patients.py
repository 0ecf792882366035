"""As whom does a custodian know the person in the pictures?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast
from uuid import UUID

import orjson

from safelight.dicom.json.summary import SearchFacts
from safelight.kernel.ids import new_id
from safelight.platform.keys.cipher import seal, unseal
from safelight.platform.keys.ring import ring
from safelight.records.imaging.models import PatientRecord, Vault


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the headers said it was, when the record was made."""

    patient_id: str
    issuer: str
    name: str
    birth_date: str


def identity_said(facts: SearchFacts) -> Identity:
    """Return who a header says it is."""
    return Identity(facts.patient_id, facts.issuer, facts.patient_name_shown, facts.birth_date)


def new_patient(vault: Vault, facts: SearchFacts, identity_token: bytes) -> PatientRecord:
    """Return a record, not yet written, of a patient whom this vault does not know.

    In a person's own vault the record is about that person or somebody they
    represent: they said so when they added it (L31).
    """
    record_id = new_id()
    identity = {
        "id": facts.patient_id,
        "issuer": facts.issuer,
        "name": facts.patient_name_shown,
        "birth_date": facts.birth_date,
    }
    return PatientRecord(
        id=record_id,
        vault_id=vault.id,
        identity_token=identity_token,
        sealed_identity=seal(
            ring().field_key(vault.id), orjson.dumps(identity), bound_to=f"patient|{record_id}"
        ),
        account_id=vault.account_id,
    )


def identity_of(vault_id: UUID, patient: PatientRecord) -> Identity:
    """Open what the headers said about a patient."""
    opened = cast(
        "dict[str, str]",
        orjson.loads(
            unseal(
                ring().field_key(vault_id),
                bytes(patient.sealed_identity),
                bound_to=f"patient|{patient.id}",
            )
        ),
    )
    return Identity(opened["id"], opened["issuer"], opened["name"], opened["birth_date"])
