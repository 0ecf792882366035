"""On which study and series does an arrival belong? Each is found once, or made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from safelight.dicom.json.summary import SearchFacts, search_facts, series_answer, study_answer
from safelight.kernel.ids import new_id
from safelight.platform.database.asking import as_id, ask, ask_one
from safelight.platform.database.writing import change, insert
from safelight.platform.keys.ring import ring
from safelight.records.imaging.answers import open_answer, seal_answer, unpacked_model
from safelight.records.imaging.arrivals import Arrival
from safelight.records.imaging.models import (
    PatientRecord,
    SearchToken,
    Series,
    Study,
    StudyState,
    Vault,
)
from safelight.records.imaging.patients import (
    Identity,
    identity_of,
    identity_said,
    new_patient,
)
from safelight.records.imaging.rules import same_patient
from safelight.records.imaging.tokens import patient_token, study_tokens

_STUDY = """
    SELECT id, patient_id, study_on, state, sealed_answer
    FROM imaging_study WHERE vault_id = %s AND uid_token = %s
"""
_SERIES = "SELECT id FROM imaging_series WHERE study_id = %s AND uid_token = %s"
_CHANGED = "UPDATE imaging_study SET changed_at = %s WHERE id = %s"
_WORDS = "SELECT token FROM imaging_searchtoken WHERE study_id = %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Whose record a desk said a new exam belongs in; None: in a record of its own."""

    patient_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """One study, and about whom it is."""

    study_id: UUID
    study_on: date | None
    patient_id: UUID
    about: SearchFacts
    is_new: bool = False
    is_of_new_patient: bool = False
    is_restored: bool = False


class Shelves:
    """The studies and series of one transaction."""

    def __init__(
        self,
        vault: Vault,
        new_ids: Mapping[bytes, UUID],
        *,
        at: datetime,
        batch_id: UUID | None = None,
        chosen: Chosen | None = None,
    ) -> None:
        """Prepare to find shelves; `new_ids` names the study to make for a UID, and has its key."""
        self._batch_id = batch_id
        self._chosen = chosen
        self._vault = vault
        self._new_ids = new_ids
        self._at = at
        self._studies: dict[bytes, Shelf] = {}
        self._series: dict[tuple[UUID, bytes], UUID] = {}
        self._patients: dict[bytes, tuple[UUID, Identity]] = {}
        self._words: dict[UUID, set[bytes]] = {}
        self._new_patients: list[PatientRecord] = []
        self._new_studies: list[Study] = []
        self._new_series: list[Series] = []
        self._new_tokens: list[SearchToken] = []

    def study(self, arrival: Arrival) -> Shelf | None:
        """Return the study that an arrival names, made if it is new.

        None: it is new, and the record of the patient whom it names is another person's.
        """
        token = arrival.marks.study
        if token not in self._studies:
            shelf = self._find_study(token) or self._make_study(arrival)
            if shelf is None:
                return None
            self._studies[token] = shelf
        return self._studies[token]

    def series(self, arrival: Arrival, shelf: Shelf) -> UUID:
        """Return the id of the series that an arrival names, made if it is new."""
        key = (shelf.study_id, arrival.marks.series)
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
        for shelf in known:
            change(_CHANGED, self._at, shelf.study_id)
        if restored := [shelf.study_id for shelf in known if shelf.is_restored]:
            Study.objects.filter(pk__in=restored, state=StudyState.REMOVED).update(
                state=StudyState.FILED, removed_at=None
            )

    def _find_study(self, token: bytes) -> Shelf | None:
        found = ask_one(_STUDY, self._vault.id, token)
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

    def _make_study(self, arrival: Arrival) -> Shelf | None:
        patient_id = self._patient(arrival)
        if patient_id is None:
            return None
        study_id = self._new_ids.get(arrival.marks.study) or self._new_id()
        self._new_studies.append(
            Study(
                id=study_id,
                vault_id=self._vault.id,
                patient_id=patient_id,
                uid_token=arrival.marks.study,
                study_on=arrival.facts.study_date,
                received_at=self._at,
                changed_at=self._at,
                batch_id=self._batch_id,
                sealed_answer=seal_answer(
                    "study",
                    study_id,
                    study_answer(unpacked_model(arrival.packed_model)),
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
            is_of_new_patient=any(each.id == patient_id for each in self._new_patients),
        )

    def _new_id(self) -> UUID:
        """Make another study, with a key, where one was known that was erased since."""
        study_id = new_id()
        ring().create_study_key(self._vault.id, study_id)
        return study_id

    def _patient(self, arrival: Arrival) -> UUID | None:
        """Return the record of the patient whom an arrival names, made if nobody has the number.

        A number that somebody else has already is not believed. In a person's own vault the
        other has a record apart, because two hospitals give the same number; in an
        institution's, its desk says which record it is.
        """
        if self._chosen is not None and self._chosen.patient_id is not None:
            return self._chosen.patient_id
        known = self._known_patient(arrival)
        if known is not None and same_patient(known[1], arrival.facts):
            return known[0]
        if known is None:
            return self._new_patient(arrival)
        apart = self._known_patient(arrival, is_apart=True)
        if apart is not None:
            return apart[0]
        may_be_apart = self._chosen is not None or self._vault.account_id is not None
        return self._new_patient(arrival, is_apart=True) if may_be_apart else None

    def _known_patient(
        self, arrival: Arrival, *, is_apart: bool = False
    ) -> tuple[UUID, Identity] | None:
        token = self._token(arrival, is_apart=is_apart)
        if token not in self._patients:
            row = PatientRecord.objects.filter(
                vault_id=self._vault.id, identity_token=token
            ).first()
            if row is None:
                return None
            self._patients[token] = (row.id, identity_of(self._vault.id, row))
        return self._patients[token]

    def _new_patient(self, arrival: Arrival, *, is_apart: bool = False) -> UUID:
        token = self._token(arrival, is_apart=is_apart)
        made = new_patient(self._vault, arrival.facts, token)
        self._new_patients.append(made)
        self._patients[token] = (made.id, identity_said(arrival.facts))
        return made.id

    def _token(self, arrival: Arrival, *, is_apart: bool) -> bytes:
        study_uid = arrival.card.study_instance_uid
        return patient_token(self._vault.id, arrival.facts, study_uid, is_apart=is_apart)

    def _find_or_make_series(self, arrival: Arrival, shelf: Shelf) -> UUID:
        token = arrival.marks.series
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
                    series_answer(unpacked_model(arrival.packed_model)),
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
