"""On which study and series does an arrival belong? Each is found once, or made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from safelight.dicom.summary import SearchFacts, search_facts, series_answer, study_answer
from safelight.kernel.ids import new_id
from safelight.platform.keys.ring import ring
from safelight.records.imaging.answers import open_answer, seal_answer
from safelight.records.imaging.arrivals import Arrival
from safelight.records.imaging.models import (
    SearchToken,
    Series,
    Study,
    StudyState,
    Vault,
)
from safelight.records.imaging.patients import patient_for
from safelight.records.imaging.tokens import patient_token, study_tokens, uid_token


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

    def _find_study(self, uid: str) -> Shelf | None:
        found = Study.objects.filter(
            vault_id=self._vault.id, uid_token=uid_token(self._vault.id, uid)
        ).first()
        if found is None:
            return None
        restored = found.state == StudyState.REMOVED
        if restored:
            found.state, found.removed_at = StudyState.FILED, None
        found.changed_at = self._at
        found.save(update_fields=["changed_at", "state", "removed_at"])
        answer = open_answer(
            "study", found.id, found.sealed_answer, study_key=ring().study_key(found.id)
        )
        return Shelf(
            study_id=found.id,
            study_on=found.study_on,
            patient_id=found.patient_id,
            about=search_facts(answer),
            is_restored=restored,
        )

    def _make_study(self, arrival: Arrival) -> Shelf:
        uid = arrival.card.study_instance_uid
        study_id = self._study_ids[uid]
        known_as = patient_token(self._vault.id, arrival.facts, uid)
        record = patient_for(self._vault, arrival.facts, known_as)
        Study.objects.create(
            id=study_id,
            vault_id=self._vault.id,
            patient_id=record.id,
            uid_token=uid_token(self._vault.id, uid),
            study_on=arrival.facts.study_date,
            received_at=self._at,
            changed_at=self._at,
            sealed_answer=seal_answer(
                "study",
                study_id,
                study_answer(dict(arrival.model)),
                study_key=ring().study_key(study_id),
            ),
        )
        return Shelf(
            study_id=study_id,
            study_on=arrival.facts.study_date,
            patient_id=record.id,
            about=arrival.facts,
            is_new=True,
        )

    def _find_or_make_series(self, arrival: Arrival, shelf: Shelf) -> UUID:
        token = uid_token(self._vault.id, arrival.card.series_instance_uid)
        known = Series.objects.filter(study_id=shelf.study_id, uid_token=token)
        found = known.values_list("id", flat=True).first()
        if found is not None:
            return found
        series_id = new_id()
        Series.objects.create(
            id=series_id,
            vault_id=self._vault.id,
            study_id=shelf.study_id,
            uid_token=token,
            received_at=self._at,
            sealed_answer=seal_answer(
                "series",
                series_id,
                series_answer(dict(arrival.model)),
                study_key=ring().study_key(shelf.study_id),
            ),
        )
        self._add_words(arrival, shelf)
        return series_id

    def _add_words(self, arrival: Arrival, shelf: Shelf) -> None:
        """Let the study be found by what its new series says, such as its modality."""
        tokens = dict.fromkeys(study_tokens(self._vault.id, arrival.facts))
        known = set() if shelf.is_new else _tokens_of(shelf.study_id)
        SearchToken.objects.bulk_create(
            (
                SearchToken(
                    vault_id=self._vault.id,
                    token=token,
                    study_on=shelf.study_on,
                    study_id=shelf.study_id,
                )
                for token in tokens
                if token not in known
            ),
            ignore_conflicts=True,
        )


def _tokens_of(study_id: UUID) -> set[bytes]:
    tokens = SearchToken.objects.filter(study_id=study_id).values_list("token", flat=True)
    return {bytes(token) for token in tokens}
