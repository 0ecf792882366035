"""In which record of its own does an exam lie that was in another person's?"""

from __future__ import annotations

from safelight.dicom.json.summary import search_facts
from safelight.dicom.registry import tags
from safelight.platform.keys.ring import ring
from safelight.records.imaging.answers import open_answer
from safelight.records.imaging.models import PatientRecord, Study, Vault
from safelight.records.imaging.patients import new_patient
from safelight.records.imaging.tokens import patient_token


def record_apart(vault: Vault, study: Study) -> tuple[PatientRecord, bool]:
    """Return the record known by the exam's number, name and day of birth, and whether it is new.

    Call inside the transaction that puts the exam there, in the vault's filing turn.
    """
    study_key = ring().study_key(study.id)
    answer = open_answer("study", study.id, bytes(study.sealed_answer), study_key=study_key)
    facts = search_facts(answer)
    (study_uid,) = answer[tags.json_key(tags.STUDY_INSTANCE_UID)]["Value"]
    token = patient_token(vault.id, facts, study_uid, is_apart=True)
    found = PatientRecord.objects.filter(vault_id=vault.id, identity_token=token).first()
    if found is not None:
        return found, False
    made = new_patient(vault, facts, token)
    made.save()
    return made, True
