"""On which study and series does an arrival belong? Each is found once, or made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from safelight.dicom.summary import SearchFacts, search_facts, series_answer, study_answer
from safelight.kernel.ids import new_id
from safelight.platform.database.asking import as_id, ask, ask_one
from safelight.platform.database.writing import insert
from safelight.platform.keys.ring import ring
from safelight.records.imaging.answers import open_answer, seal_answer
from safelight.records.imaging.arrivals import Arrival
from safelight.records.imaging.models import (
    PatientRecord,
    SearchToken,
    Series,
    Study,
    StudyState,
    Vault,
)
from safelight.records.imaging.patients import new_patient
from safelight.records.imaging.tokens import patient_token, study_tokens, uid_token

_STUDY = """
    SELECT id, patient_id, study_on, state, sealed_answer
    FROM imaging_study WHERE vault_id = %s AND uid_token = %s
"""
_PATIENT = "SELECT id FROM imaging_patientrecord WHERE vault_id = %s AND identity_token = %s"
_SERIES = "SELECT id FROM imaging_series WHERE study_id = %s AND uid_token = %s"
_WORDS = "SELECT token FROM imaging_searchtoken WHERE study_id = %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """One study, and about whom it is."""

    study_id: UUID
    study_on: date | None
    patient_id: UUID
    about: SearchFacts
    is_new: bool = False
    is_restored: bool = False


class Shelves:
    """The studies and series of one transaction."""

    def __init__(self, vault: Vault, study_ids: Mapping[str, UUID], *, at: datetime) -> None:
        """Prepare to find shelves; `study_ids` names the study to make for a new UID."""
        self._vault = vault
        self._study_ids = study_ids
        self._at = at
        self._studies: dict[str, Shelf] = {}
        self._series: dict[tuple[UUID, str], UUID] = {}
        self._patients: dict[bytes, UUID] = {}
        self._words: dict[UUID, set[bytes]] = {}
        self._new_patients: list[PatientRecord] = []
        self._new_studies: list[Study] = []
        self._new_series: list[Series] = []
        self._new_tokens: list[SearchToken] = []

    def study(self, arrival: Arrival) -> Shelf:
        """Return the study that an arrival names, made if it is new."""
        uid = arrival.card.study_instance_uid
        if uid not in self._studies:
            self._studies[uid] = self._find_study(uid) or self._make_study(arrival)
        return self._studies[uid]

    def series(self, arrival: Arrival, shelf: Shelf) -> UUID:
        """Return the id of the series that an arrival names, made if it is new."""
        key = (shelf.study_id, arrival.card.series_instance_uid)
        if key not in self._series:
            self._series[key] = self._find_or_make_series(arrival, shelf)
        return self._series[key]

    def write(self) -> None:
        """Write what was made, and note on what was found that it has changed."""
        insert(self._new_patients)
        insert(self._new_studies)
        insert(self._new_series)
        insert(self._new_tokens, unless_there=True)
        known = [shelf for shelf in self._studies.values() if not shelf.is_new]
        if known:
            Study.objects.filter(pk__in=[shelf.study_id for shelf in known]).update(
                changed_at=self._at
            )
        if restored := [shelf.study_id for shelf in known if shelf.is_restored]:
            Study.objects.filter(pk__in=restored, state=StudyState.REMOVED).update(
                state=StudyState.FILED, removed_at=None
            )

    def _find_study(self, uid: str) -> Shelf | None:
        found = ask_one(_STUDY, self._vault.id, uid_token(self._vault.id, uid))
        if found is None:
            return None
        study_id, patient_id, study_on, state, sealed = found
        study_id = as_id(study_id)
        answer = open_answer("study", study_id, sealed, study_key=ring().study_key(study_id))
        return Shelf(
            study_id=study_id,
            study_on=study_on,
            patient_id=as_id(patient_id),
            about=search_facts(answer),
            is_restored=state == StudyState.REMOVED,
        )

    def _make_study(self, arrival: Arrival) -> Shelf:
        uid = arrival.card.study_instance_uid
        study_id = self._study_ids[uid]
        patient_id = self._patient(arrival, uid)
        self._new_studies.append(
            Study(
                id=study_id,
                vault_id=self._vault.id,
                patient_id=patient_id,
                uid_token=uid_token(self._vault.id, uid),
                study_on=arrival.facts.study_date,
                received_at=self._at,
                changed_at=self._at,
                sealed_answer=seal_answer(
                    "study",
                    study_id,
                    study_answer(arrival.model),
                    study_key=ring().study_key(study_id),
                ),
            )
        )
        return Shelf(
            study_id=study_id,
            study_on=arrival.facts.study_date,
            patient_id=patient_id,
            about=arrival.facts,
            is_new=True,
        )

    def _patient(self, arrival: Arrival, study_uid: str) -> UUID:
        token = patient_token(self._vault.id, arrival.facts, study_uid)
        if token not in self._patients:
            found = ask_one(_PATIENT, self._vault.id, token)
            if found is None:
                self._new_patients.append(new_patient(self._vault, arrival.facts, token))
            self._patients[token] = as_id(found[0]) if found else self._new_patients[-1].id
        return self._patients[token]

    def _find_or_make_series(self, arrival: Arrival, shelf: Shelf) -> UUID:
        token = uid_token(self._vault.id, arrival.card.series_instance_uid)
        found = None if shelf.is_new else ask_one(_SERIES, shelf.study_id, token)
        if found is not None:
            return as_id(found[0])
        series_id = new_id()
        self._new_series.append(
            Series(
                id=series_id,
                vault_id=self._vault.id,
                study_id=shelf.study_id,
                uid_token=token,
                received_at=self._at,
                sealed_answer=seal_answer(
                    "series",
                    series_id,
                    series_answer(arrival.model),
                    study_key=ring().study_key(shelf.study_id),
                ),
            )
        )
        self._add_words(arrival, shelf)
        return series_id

    def _add_words(self, arrival: Arrival, shelf: Shelf) -> None:
        """Let the study be found by what its new series says, such as its modality."""
        if shelf.study_id not in self._words:
            found = () if shelf.is_new else ask(_WORDS, shelf.study_id)
            self._words[shelf.study_id] = {bytes(token) for (token,) in found}
        known = self._words[shelf.study_id]
        for token in study_tokens(self._vault.id, arrival.facts):
            if token not in known:
                known.add(token)
                self._new_tokens.append(
                    SearchToken(
                        vault_id=self._vault.id,
                        token=token,
                        study_on=shelf.study_on,
                        study_id=shelf.study_id,
                    )
                )
