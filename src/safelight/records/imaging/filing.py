"""How do objects that were taken in become part of a vault's records?

`arrivals` are already sealed and appended to a pack. Filing makes sure that
the study keys are durable, that the pack is synced, and only then writes rows,
inside the caller's transaction (I7). Nothing known is ever overwritten: equal
bytes are recognised, other bytes under a known UID wait for a person (I9).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from safelight.dicom.summary import SearchFacts, series_answer, study_answer
from safelight.kernel.ids import new_id
from safelight.platform.keys.ring import ring
from safelight.platform.storage.packs import Place
from safelight.records.imaging.answers import seal_answer, seal_model
from safelight.records.imaging.cards import Card, seal_card
from safelight.records.imaging.models import (
    Instance,
    InstanceModel,
    ReviewItem,
    SearchToken,
    Series,
    Study,
    StudyState,
    Vault,
)
from safelight.records.imaging.patients import patient_for
from safelight.records.imaging.store import wrapped_name, writer
from safelight.records.imaging.tokens import digest_token, patient_token, study_tokens, uid_token


class Outcome(StrEnum):
    """What became of one object."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    REVIEW = "review"


class ReviewReason(StrEnum):
    """Why an object waits for a person's decision."""

    OTHER_BYTES = "other-bytes-under-a-known-uid"
    OTHER_PATIENT = "other-patient-in-the-study"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One object, sealed in a pack, with what its header says."""

    instance_id: UUID
    key: bytes
    place: Place
    card: Card
    model: Mapping[str, Any]
    facts: SearchFacts

    @property
    def digest(self) -> bytes:
        """Return the SHA-256 of the data set."""
        return bytes.fromhex(self.card.digest)


@dataclass(frozen=True, slots=True)
class Filed:
    """The outcome for one arrival and where it now belongs."""

    outcome: Outcome
    reason: str = ""
    study_id: UUID | None = None
    series_id: UUID | None = None
    patient_id: UUID | None = None
    new_study: bool = False


def outcome_if_known(vault: Vault, sop_instance_uid: str, digest: bytes) -> Outcome | None:
    """Say whether this object is in the vault already, before its bytes are packed again.

    Returns DUPLICATE for the same data set, REVIEW for another one, None for a new UID.
    """
    known = (
        Instance.objects.filter(vault_id=vault.id, uid_token=uid_token(vault.id, sop_instance_uid))
        .values_list("digest_token", "study_id")
        .first()
    )
    if known is None:
        return None
    if bytes(known[0]) != digest_token(vault.id, digest):
        return Outcome.REVIEW
    # A removed study comes back when it is sent again, so its objects count as new.
    removed = Study.objects.filter(pk=known[1], state=StudyState.REMOVED).exists()
    return None if removed else Outcome.DUPLICATE


def make_durable(vault: Vault, arrivals: Sequence[Arrival]) -> dict[str, UUID]:
    """Sync the pack and make a key for each new study, before any transaction.

    Returns the study id to use for each Study Instance UID.
    """
    uids = {arrival.card.study_instance_uid for arrival in arrivals}
    tokens = {uid_token(vault.id, uid): uid for uid in uids}
    study_ids = {
        tokens[bytes(found)]: study_id
        for found, study_id in Study.objects.filter(
            vault_id=vault.id, uid_token__in=list(tokens)
        ).values_list("uid_token", "id")
    }
    fresh = {uid: new_id() for uid in uids if uid not in study_ids}
    ring().create_study_keys(vault.id, list(fresh.values()))
    writer().sync()
    return study_ids | fresh


class Filing:
    """One transaction's work: rows for arrivals, each study and series looked up once."""

    def __init__(self, vault: Vault, study_ids: Mapping[str, UUID], *, at: datetime) -> None:
        self._vault = vault
        self._study_ids = study_ids
        self._at = at
        self._studies: dict[str, tuple[Study, bool]] = {}
        self._series: dict[tuple[UUID, str], Series] = {}
        self._instances: list[Instance] = []
        self._models: list[InstanceModel] = []
        self._known: dict[bytes, bytes] = {}

    def file_all(self, arrivals: Sequence[Arrival]) -> list[Filed]:
        """File every arrival, in order, and return what became of each."""
        tokens = [uid_token(self._vault.id, each.card.sop_instance_uid) for each in arrivals]
        self._known = {
            bytes(uid): bytes(digest)
            for uid, digest in Instance.objects.filter(
                vault_id=self._vault.id, uid_token__in=tokens
            ).values_list("uid_token", "digest_token")
        }
        filed = [
            self._file(arrival, token) for arrival, token in zip(arrivals, tokens, strict=True)
        ]
        Instance.objects.bulk_create(self._instances)
        InstanceModel.objects.bulk_create(self._models)
        return filed

    def _file(self, arrival: Arrival, token: bytes) -> Filed:
        digest = digest_token(self._vault.id, arrival.digest)
        if token in self._known and self._known[token] != digest:
            return self._set_aside(arrival, token, digest, ReviewReason.OTHER_BYTES)
        study, is_new = self._study(arrival)
        identity = patient_token(self._vault.id, arrival.facts.issuer, arrival.facts.patient_id)
        patient = patient_for(self._vault, arrival.facts, identity)
        if patient.id != study.patient_id:
            return self._set_aside(arrival, token, digest, ReviewReason.OTHER_PATIENT)
        series = self._series_row(arrival, study)
        where = Filed(
            Outcome.DUPLICATE, study_id=study.id, series_id=series.id, patient_id=patient.id
        )
        if token in self._known:
            return where
        self._known[token] = digest
        study_key = ring().study_key(study.id)
        self._instances.append(
            Instance(
                id=arrival.instance_id,
                vault_id=self._vault.id,
                study_id=study.id,
                series_id=series.id,
                uid_token=token,
                digest_token=digest,
                pack=arrival.place.pack,
                offset=arrival.place.offset,
                length=arrival.place.length,
                wrapped_key=ring().wrap(
                    study_key, arrival.key, bound_to=wrapped_name(arrival.instance_id)
                ),
                sealed_card=seal_card(
                    arrival.card, study_key=study_key, instance_id=arrival.instance_id
                ),
                received_at=self._at,
            )
        )
        self._models.append(
            InstanceModel(
                instance_id=arrival.instance_id,
                series_id=series.id,
                sealed_model=seal_model(
                    arrival.instance_id, dict(arrival.model), study_key=study_key
                ),
            )
        )
        return replace(where, outcome=Outcome.STORED, new_study=is_new)

    def _study(self, arrival: Arrival) -> tuple[Study, bool]:
        uid = arrival.card.study_instance_uid
        if uid not in self._studies:
            self._studies[uid] = self._find_study(uid) or self._make_study(arrival)
        return self._studies[uid]

    def _find_study(self, uid: str) -> tuple[Study, bool] | None:
        found = Study.objects.filter(
            vault_id=self._vault.id, uid_token=uid_token(self._vault.id, uid)
        ).first()
        if found is None:
            return None
        found.changed_at = self._at
        if found.state == StudyState.REMOVED:
            found.state, found.removed_at = StudyState.FILED, None
        found.save(update_fields=["changed_at", "state", "removed_at"])
        return found, False

    def _make_study(self, arrival: Arrival) -> tuple[Study, bool]:
        uid = arrival.card.study_instance_uid
        identity = patient_token(self._vault.id, arrival.facts.issuer, arrival.facts.patient_id)
        study_id = self._study_ids[uid]
        study = Study.objects.create(
            id=study_id,
            vault_id=self._vault.id,
            patient_id=patient_for(self._vault, arrival.facts, identity).id,
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
        SearchToken.objects.bulk_create(
            SearchToken(
                vault_id=self._vault.id, token=token, study_on=study.study_on, study_id=study_id
            )
            for token in dict.fromkeys(study_tokens(self._vault.id, arrival.facts))
        )
        return study, True

    def _series_row(self, arrival: Arrival, study: Study) -> Series:
        uid = arrival.card.series_instance_uid
        if (study.id, uid) not in self._series:
            series_id = new_id()
            row, created = Series.objects.get_or_create(
                study_id=study.id,
                uid_token=uid_token(self._vault.id, uid),
                defaults={
                    "id": series_id,
                    "vault_id": self._vault.id,
                    "received_at": self._at,
                    "sealed_answer": seal_answer(
                        "series",
                        series_id,
                        series_answer(dict(arrival.model)),
                        study_key=ring().study_key(study.id),
                    ),
                },
            )
            if created:
                self._add_modality(arrival, study)
            self._series[study.id, uid] = row
        return self._series[study.id, uid]

    def _add_modality(self, arrival: Arrival, study: Study) -> None:
        """Let the study be found by the modality of a series that came later."""
        known = set(SearchToken.objects.filter(study_id=study.id).values_list("token", flat=True))
        SearchToken.objects.bulk_create(
            SearchToken(
                vault_id=self._vault.id, token=token, study_on=study.study_on, study_id=study.id
            )
            for token in dict.fromkeys(study_tokens(self._vault.id, arrival.facts))
            if token not in {bytes(each) for each in known}
        )

    def _set_aside(
        self, arrival: Arrival, token: bytes, digest: bytes, reason: ReviewReason
    ) -> Filed:
        vault_key = ring().vault_key(self._vault.id)
        ReviewItem.objects.create(
            id=arrival.instance_id,
            vault_id=self._vault.id,
            reason=reason,
            uid_token=token,
            digest_token=digest,
            pack=arrival.place.pack,
            offset=arrival.place.offset,
            length=arrival.place.length,
            wrapped_key=ring().wrap(
                vault_key, arrival.key, bound_to=wrapped_name(arrival.instance_id)
            ),
            sealed_card=seal_card(
                arrival.card, study_key=vault_key, instance_id=arrival.instance_id
            ),
            received_at=self._at,
        )
        return Filed(Outcome.REVIEW, reason=reason)
