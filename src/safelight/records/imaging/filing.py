"""How do objects that were taken in become part of a vault's records?

`arrivals` are already sealed and appended to a pack. Filing makes sure that
the study keys are durable, that the pack is synced, and only then writes rows,
inside the caller's transaction (I7). Nothing known is ever overwritten: equal
bytes are recognised, other bytes under a known UID wait for a person (I9).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from safelight.kernel.ids import new_id
from safelight.platform.database.asking import as_id, ask
from safelight.platform.database.turns import take_turn
from safelight.platform.database.writing import insert
from safelight.platform.keys.ring import ring
from safelight.records.imaging.answers import seal_model
from safelight.records.imaging.arrivals import (
    Arrival,
    Filed,
    Outcome,
    ReviewReason,
    waiting,
)
from safelight.records.imaging.cards import seal_card
from safelight.records.imaging.models import (
    Instance,
    InstanceModel,
    ReviewItem,
    ReviewState,
    Vault,
)
from safelight.records.imaging.rules import same_person
from safelight.records.imaging.shelves import Chosen, Shelves
from safelight.records.imaging.store import wrapped_name, writer
from safelight.records.imaging.tokens import exam_token

_STUDIES = "SELECT uid_token, id FROM imaging_study WHERE vault_id = %s AND uid_token IN ({})"
_INSTANCES = f"""
    SELECT uid_token, digest_token, '', '' FROM imaging_instance
    WHERE vault_id = %s AND uid_token IN ({{0}})
    UNION ALL SELECT uid_token, digest_token, state, reason FROM imaging_reviewitem
    WHERE vault_id = %s AND uid_token IN ({{0}})
        AND state IN ('{ReviewState.REJECTED.value}', '{ReviewState.KEPT.value}')
"""  # noqa: S608 (a word of our own)


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a row keeps of an arrival, sealed for one study before the transaction begins."""

    study_id: UUID
    wrapped_key: bytes
    card: bytes
    model: bytes


@dataclass(frozen=True, slots=True)
class Ready:
    """Arrivals whose keys and bytes are durable.

    `new_ids` are for the studies that were not known, by the token of the UID.
    """

    arrivals: Sequence[Arrival]
    new_ids: Mapping[bytes, UUID]
    sealed: Sequence[Sealed]


def make_durable(vault: Vault, arrivals: Sequence[Arrival]) -> Ready:
    """Make a key for each new study and sync the pack, before any transaction."""
    tokens = {arrival.marks.study for arrival in arrivals}
    study_ids = {
        bytes(found): as_id(study_id)
        for found, study_id in ask(_among(_STUDIES, tokens), vault.id, *tokens)
    }
    fresh = {token: new_id() for token in tokens if token not in study_ids}
    if fresh:
        ring().create_study_keys(vault.id, list(fresh.values()))
    study_ids |= fresh
    writer().sync({arrival.place.pack for arrival in arrivals})
    return Ready(
        arrivals,
        fresh,
        [_sealed(arrival, study_ids[arrival.marks.study]) for arrival in arrivals],
    )


def _sealed(arrival: Arrival, study_id: UUID) -> Sealed:
    study_key, own = ring().study_key(study_id), arrival.instance_id
    return Sealed(
        study_id,
        ring().wrap(study_key, arrival.key, bound_to=wrapped_name(own)),
        seal_card(arrival.card, study_key=study_key, instance_id=own),
        seal_model(own, arrival.packed_model, study_key=study_key),
    )


class Filing:
    """One transaction's work: rows for arrivals, each study and series looked up once."""

    def __init__(
        self,
        vault: Vault,
        ready: Ready,
        *,
        at: datetime,
        batch_id: UUID | None = None,
        chosen: Chosen | None = None,
    ) -> None:
        """Prepare to file; a desk may have `chosen` whose record it is."""
        self._vault = vault
        self._ready = ready
        self._at = at
        self._chosen = chosen
        self._batch_id = batch_id
        self._shelves = Shelves(vault, ready.new_ids, at=at, batch_id=batch_id, chosen=chosen)
        self._instances: list[Instance] = []
        self._models: list[InstanceModel] = []
        self._known: dict[bytes, bytes] = {}
        self._decided: dict[tuple[bytes, bytes], Filed] = {}

    def file_all(self) -> list[Filed]:
        """File every arrival, in order, and return what became of each."""
        take_turn(f"filing/{self._vault.id}")
        uids = [arrival.marks.uid for arrival in self._ready.arrivals]
        rows = ask(_among(_INSTANCES, uids), self._vault.id, *uids, self._vault.id, *uids)
        self._known = {bytes(uid): bytes(digest) for uid, digest, state, _ in rows if not state}
        self._decided = {
            (bytes(uid), bytes(digest)): Filed(Outcome.DUPLICATE)
            if state == ReviewState.KEPT
            else Filed(Outcome.REVIEW, reason=reason)
            for uid, digest, state, reason in rows
            if state
        }
        filed = [
            self._file(arrival, sealed)
            for arrival, sealed in zip(self._ready.arrivals, self._ready.sealed, strict=True)
        ]
        self._shelves.write()
        insert(self._instances)
        insert(self._models)
        return filed

    def _file(self, arrival: Arrival, sealed: Sealed) -> Filed:
        marks = arrival.marks
        if decided := self._decided.get((marks.uid, marks.digest)):
            return decided
        if self._known.get(marks.uid, marks.digest) != marks.digest:
            return self._set_aside(arrival, ReviewReason.OTHER_BYTES)
        shelf = self._shelves.study(arrival)
        if shelf is None:
            return self._set_aside(arrival, ReviewReason.OTHER_RECORD)
        is_chosen = self._chosen is not None and self._chosen.patient_id == shelf.patient_id
        if not is_chosen and not same_person(shelf.about, arrival.facts):
            return self._set_aside(arrival, ReviewReason.OTHER_PATIENT)
        series_id = self._shelves.series(arrival, shelf)
        where = Filed(
            Outcome.DUPLICATE,
            study_id=shelf.study_id,
            series_id=series_id,
            patient_id=shelf.patient_id,
            restored=shelf.is_restored,
        )
        if marks.uid in self._known:
            return where
        self._known[marks.uid] = marks.digest
        self._add(arrival, sealed, shelf.study_id, series_id)
        return replace(
            where,
            outcome=Outcome.STORED,
            new_study=shelf.is_new,
            new_patient=shelf.is_of_new_patient,
        )

    def _add(self, arrival: Arrival, sealed: Sealed, study_id: UUID, series_id: UUID) -> None:
        if sealed.study_id != study_id:  # it was made, or erased, by somebody else meanwhile
            sealed = _sealed(arrival, study_id)
        self._instances.append(
            Instance(
                id=arrival.instance_id,
                vault_id=self._vault.id,
                study_id=study_id,
                series_id=series_id,
                uid_token=arrival.marks.uid,
                digest_token=arrival.marks.digest,
                pack=arrival.place.pack,
                offset=arrival.place.offset,
                length=arrival.place.length,
                wrapped_key=sealed.wrapped_key,
                sealed_card=sealed.card,
                received_at=self._at,
            )
        )
        self._models.append(
            InstanceModel(
                instance_id=arrival.instance_id,
                series_id=series_id,
                sealed_model=sealed.model,
            )
        )

    def _set_aside(self, arrival: Arrival, reason: ReviewReason) -> Filed:
        """Let an object wait for a decision, once: sent again it is recognised."""
        if not waiting(self._vault, arrival.marks):
            vault_key = ring().vault_key(self._vault.id)
            ReviewItem.objects.create(
                id=arrival.instance_id,
                vault_id=self._vault.id,
                batch_id=self._batch_id,
                reason=reason,
                uid_token=arrival.marks.uid,
                digest_token=arrival.marks.digest,
                exam_token=exam_token(
                    self._vault.id, arrival.facts, arrival.card.study_instance_uid
                )
                if reason is not ReviewReason.OTHER_BYTES
                else b"",
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


def _among(statement: str, values: Collection[bytes]) -> str:
    """Write the marks of a list of values into a statement."""
    return statement.format(", ".join(["%s"] * len(values)))
