"""How does one object, or many, come in by whichever door?

Decide, seal into the pack, look at the header, sync, write one transaction,
answer. A refused item costs itself only; nothing is acknowledged before it is
durable (I7).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from safelight.dicom.digest import dataset_digest
from safelight.dicom.frames import FrameTable, frame_table
from safelight.dicom.index import Header, index
from safelight.dicom.json_model import to_json
from safelight.dicom.reasons import UnreadableError
from safelight.dicom.source import Source
from safelight.dicom.summary import search_facts
from safelight.dicom.tags import BITS_ALLOCATED
from safelight.dicom.transfer_syntaxes import transfer_syntax
from safelight.exchange.access.facts import Party
from safelight.exchange.access.load import care_began
from safelight.exchange.receive.events import ReceiveEvent
from safelight.exchange.receive.jobs import finish_series
from safelight.exchange.receive.verdicts import OTHER_STUDY, SENTENCES, Ruling, Verdict
from safelight.kernel.ids import new_id
from safelight.platform.audit.actions import record
from safelight.platform.storage.layout import Packing, pack_object
from safelight.platform.storage.record import new_object_key
from safelight.records.imaging.cards import Card
from safelight.records.imaging.events import ImagingEvent
from safelight.records.imaging.filing import (
    Arrival,
    Filed,
    Filing,
    Outcome,
    make_durable,
    outcome_if_known,
)
from safelight.records.imaging.models import Vault
from safelight.records.imaging.store import writer

_RULINGS = {
    Outcome.STORED: Ruling.STORED,
    Outcome.DUPLICATE: Ruling.DUPLICATE,
    Outcome.REVIEW: Ruling.REVIEW,
}


@dataclass(frozen=True, slots=True)
class _Taken:
    """One readable item: an arrival to be filed, or a duplicate that needs no filing."""

    item: int
    header: Header
    arrival: Arrival | None


class Intake:
    """One commit group of one actor's delivery into one vault.

    Call `take` for each item, then `close` once: only what `close` returns may
    be acknowledged. A closed intake cannot be used again.
    """

    def __init__(
        self, party: Party, vault: Vault, batch_id: UUID, *, at: datetime, only_study: str = ""
    ) -> None:
        """Open a group. `only_study` refuses objects of any other Study Instance UID."""
        self._only_study = only_study
        self._party = party
        self._vault = vault
        self._batch_id = batch_id
        self._at = at
        self._taken: list[_Taken] = []
        self._refused: list[Verdict] = []
        self.waiting = 0
        self.bytes = 0

    def take(self, item: int, source: Source) -> None:
        """Look at one object and seal it into the pack. Not yet durable.

        Raises:
            StorageFullError: there is no room; nothing of this item was kept.
        """
        try:
            header = index(source)
            frames = frame_table(header, source)
            digest = dataset_digest(header, source)
            model = to_json(header)
        except UnreadableError as error:
            self._refuse(item, error.reason.value, str(error))
            return
        if self._only_study and header.study_instance_uid != self._only_study:
            self._refuse(item, OTHER_STUDY, SENTENCES[OTHER_STUDY])
            return
        known = outcome_if_known(self._vault, header.sop_instance_uid, digest)
        if known is Outcome.DUPLICATE:
            self._taken.append(_Taken(item, header, None))
            return
        instance_id, key = new_id(), new_object_key()
        packing = _packing(header, source, frames)
        place = writer().append(object_id=instance_id, key=key, pieces=packing)
        facts = search_facts(model)
        card = Card(
            sop_class_uid=header.sop_class_uid,
            sop_instance_uid=header.sop_instance_uid,
            series_instance_uid=header.series_instance_uid,
            study_instance_uid=header.study_instance_uid,
            transfer_syntax=header.transfer_syntax,
            size=source.size,
            dataset_offset=header.dataset_offset,
            dataset_size=header.data_size,
            digest=digest.hex(),
            number=facts.instance_number,
            frames=tuple(
                tuple((piece.offset, piece.length) for piece in frame) for frame in frames.frames
            ),
            layout=packing.layout.to_bytes(),
        )
        arrival = Arrival(
            instance_id=instance_id, key=key, place=place, card=card, model=model, facts=facts
        )
        self._taken.append(_Taken(item, header, arrival))
        self.waiting += 1
        self.bytes += source.size

    def close(self) -> list[Verdict]:
        """Make everything taken durable, record it, and return a verdict for each item."""
        arrivals = [taken.arrival for taken in self._taken if taken.arrival is not None]
        filed: list[Filed] = []
        if arrivals or self._refused:
            study_ids = make_durable(self._vault, arrivals) if arrivals else {}
            with transaction.atomic():
                if arrivals:
                    filed = Filing(self._vault, study_ids, at=self._at).file_all(arrivals)
                self._record(filed)
        outcomes = iter(filed)
        verdicts = [
            self._verdict(taken, next(outcomes) if taken.arrival is not None else None)
            for taken in self._taken
        ]
        return sorted(verdicts + self._refused, key=lambda verdict: verdict.item)

    def _refuse(self, item: int, reason: str, sentence: str) -> None:
        self._refused.append(
            Verdict(item=item, ruling=Ruling.REFUSED, reason=reason, sentence=sentence)
        )

    def _verdict(self, taken: _Taken, filed: Filed | None) -> Verdict:
        outcome = filed.outcome if filed is not None else Outcome.DUPLICATE
        reason = filed.reason if filed is not None else ""
        return Verdict(
            item=taken.item,
            ruling=_RULINGS[outcome],
            reason=reason,
            sentence=SENTENCES.get(reason, ""),
            sop_class_uid=taken.header.sop_class_uid,
            sop_instance_uid=taken.header.sop_instance_uid,
            study_instance_uid=taken.header.study_instance_uid,
            series_instance_uid=taken.header.series_instance_uid,
            study_id=filed.study_id if filed is not None else None,
            series_id=filed.series_id if filed is not None else None,
        )

    def _record(self, filed: list[Filed]) -> None:
        """Write the audit entries, the care relations and the jobs of this commit."""
        stored = [each for each in filed if each.outcome is Outcome.STORED]
        for study_id in {each.study_id for each in stored if each.new_study}:
            record(
                ImagingEvent.STUDY_FILED,
                actor=self._party.name,
                session=self._party.session,
                subject=f"study/{study_id}",
                vault_id=self._vault.id,
                at=self._at,
            )
        record(
            ReceiveEvent.TAKEN_IN,
            actor=self._party.name,
            session=self._party.session,
            subject=f"batch/{self._batch_id}",
            vault_id=self._vault.id,
            at=self._at,
            count=len(stored),
            size=self.bytes,
            reason=",".join(sorted({verdict.reason for verdict in self._refused})),
        )
        if self._vault.organization_id is not None and self._party.account_id is not None:
            for patient_id in {each.patient_id for each in stored if each.patient_id}:
                care_began(self._vault.id, patient_id, self._party.account_id, at=self._at)
        for series_id in {each.series_id for each in stored if each.series_id}:
            finish_series.enqueue(series_id=str(series_id))


def _packing(header: Header, source: Source, frames: FrameTable) -> Packing:
    """Let native frames be compressed one by one; everything else is kept as it is."""
    syntax = transfer_syntax(header.transfer_syntax)
    if header.pixels is None or syntax.encapsulated or syntax.deflated:
        return pack_object(source)
    native = [(piece.offset, piece.length) for frame in frames.frames for piece in frame]
    allocated = header.integer(BITS_ALLOCATED) or 8
    return pack_object(source, native, sample_bytes=max(1, allocated // 8))
