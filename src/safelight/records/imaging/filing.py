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
from uuid import UUID

from safelight.kernel.ids import new_id
from safelight.platform.keys.ring import ring
from safelight.records.imaging.answers import seal_model
from safelight.records.imaging.arrivals import Arrival, Filed, Outcome, ReviewReason, waiting
from safelight.records.imaging.cards import seal_card
from safelight.records.imaging.models import Instance, InstanceModel, ReviewItem, Study, Vault
from safelight.records.imaging.rules import same_person
from safelight.records.imaging.shelves import Shelves
from safelight.records.imaging.store import wrapped_name, writer
from safelight.records.imaging.tokens import digest_token, uid_token


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
    if fresh:
        ring().create_study_keys(vault.id, list(fresh.values()))
    writer().sync()
    return study_ids | fresh


@dataclass(frozen=True, slots=True)
class _Marks:
    """By what one arrival is recognised inside its vault."""

    uid: bytes
    digest: bytes


class Filing:
    """One transaction's work: rows for arrivals, each study and series looked up once."""

    def __init__(self, vault: Vault, study_ids: Mapping[str, UUID], *, at: datetime) -> None:
        self._vault = vault
        self._at = at
        self._shelves = Shelves(vault, study_ids, at=at)
        self._instances: list[Instance] = []
        self._models: list[InstanceModel] = []
        self._known: dict[bytes, bytes] = {}

    def file_all(self, arrivals: Sequence[Arrival]) -> list[Filed]:
        """File every arrival, in order, and return what became of each."""
        marks = [self._marks(arrival) for arrival in arrivals]
        self._known = {
            bytes(uid): bytes(digest)
            for uid, digest in Instance.objects.filter(
                vault_id=self._vault.id, uid_token__in=[each.uid for each in marks]
            ).values_list("uid_token", "digest_token")
        }
        filed = [self._file(arrival, own) for arrival, own in zip(arrivals, marks, strict=True)]
        Instance.objects.bulk_create(self._instances)
        InstanceModel.objects.bulk_create(self._models)
        return filed

    def _marks(self, arrival: Arrival) -> _Marks:
        return _Marks(
            uid_token(self._vault.id, arrival.card.sop_instance_uid),
            digest_token(self._vault.id, arrival.digest),
        )

    def _file(self, arrival: Arrival, marks: _Marks) -> Filed:
        if self._known.get(marks.uid, marks.digest) != marks.digest:
            return self._set_aside(arrival, marks, ReviewReason.OTHER_BYTES)
        shelf = self._shelves.study(arrival)
        if not same_person(shelf.about, arrival.facts):
            return self._set_aside(arrival, marks, ReviewReason.OTHER_PATIENT)
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
        self._add(arrival, marks, shelf.study_id, series_id)
        return replace(where, outcome=Outcome.STORED, new_study=shelf.is_new)

    def _add(self, arrival: Arrival, marks: _Marks, study_id: UUID, series_id: UUID) -> None:
        study_key = ring().study_key(study_id)
        self._instances.append(
            Instance(
                id=arrival.instance_id,
                vault_id=self._vault.id,
                study_id=study_id,
                series_id=series_id,
                uid_token=marks.uid,
                digest_token=marks.digest,
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
                series_id=series_id,
                sealed_model=seal_model(
                    arrival.instance_id, dict(arrival.model), study_key=study_key
                ),
            )
        )

    def _set_aside(self, arrival: Arrival, marks: _Marks, reason: ReviewReason) -> Filed:
        """Let an object wait for a decision, once: sent again it is recognised."""
        if not waiting(self._vault, marks.uid, marks.digest):
            vault_key = ring().vault_key(self._vault.id)
            ReviewItem.objects.create(
                id=arrival.instance_id,
                vault_id=self._vault.id,
                reason=reason,
                uid_token=marks.uid,
                digest_token=marks.digest,
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
