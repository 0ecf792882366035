"""How are copies without a name made, so that they can be looked at and shared?

Each object that may be in a copy is written anew, sealed and filed as part of an exam of
its own, of the same patient in the same vault. It may be done twice, after a crash: the
new names are derived, so that what was filed the first time is recognised.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Final
from uuid import UUID

from safelight.dicom.deidentifying.copying import deidentified
from safelight.dicom.deidentifying.kinds import Fitness, fitness
from safelight.dicom.deidentifying.replacing import Replacement
from safelight.dicom.reading.index import index
from safelight.dicom.reasons import UnreadableError
from safelight.dicom.source import BytesSource
from safelight.exchange.access.mark_tokens import mark_token
from safelight.exchange.access.models import SensitiveMark
from safelight.exchange.access.sensitive import classes_of
from safelight.exchange.receive.finishing import finish_later
from safelight.exchange.receive.intake import Taken, take
from safelight.exchange.receive.together import commit
from safelight.exchange.receive.verdicts import Verdict
from safelight.exchange.release.copies.wanted import Wanted
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.models import Copying, CopyingState
from safelight.kernel import clock
from safelight.platform.audit.actions import record
from safelight.platform.keys.cipher import token
from safelight.platform.keys.ring import ring
from safelight.platform.storage.errors import RecordBrokenError
from safelight.records.imaging.arrivals import Arrival, Outcome
from safelight.records.imaging.filing import Filing, make_durable
from safelight.records.imaging.models import (
    Instance,
    PatientRecord,
    Study,
    StudyCopy,
    StudyState,
    Vault,
)
from safelight.records.imaging.quarantine import sound_among
from safelight.records.imaging.store import open_instance
from safelight.records.imaging.tokens import uid_token

_GROUP_OBJECTS: Final = 64
_GROUP_BYTES: Final = 64 << 20
_LARGEST: Final = 512 << 20  # bytes of one object, which is held in memory


def make_copies(copying_id: UUID) -> None:
    """Make what was asked for, unless it is made already."""
    row = Copying.objects.filter(pk=copying_id, state=CopyingState.MAKING).first()
    if row is None:
        return
    _Making(row, Vault.objects.get(pk=row.vault_id), replacement_of(row)).run()


def replacement_of(row: Copying) -> Replacement:
    """Return how the copies of one making are renamed: the same each time, and for no other."""
    keys = ring().instance_key("copies")
    key = token(keys, f"uids|{row.id}".encode()) + token(keys, f"more|{row.id}".encode())
    alias = token(keys, f"alias|{row.id}".encode()).hex()[:12].upper()
    return Replacement(key=key, alias=alias)


@dataclass(slots=True)
class _Making:
    row: Copying
    vault: Vault
    into: Replacement
    counts: Counter[str] = field(default_factory=Counter)
    uids: set[str] = field(default_factory=set)

    def run(self) -> None:
        rows = Wanted.from_data(self.row.wanted).rows().filter(vault_id=self.vault.id)
        self.counts["objects_wanted"] = rows.count()
        for study_id, of_study in groupby(rows, key=lambda each: each.study_id):
            original = Study.objects.filter(pk=study_id, state=StudyState.FILED).first()
            if original is not None:
                self._copy(original, list(of_study))
        self._end(at=clock.now())

    def _copy(self, original: Study, rows: list[Instance]) -> None:
        sound = sound_among(rows)
        self.counts["unreadable"] += len(rows) - len(sound)
        group: list[Arrival] = []
        for taken in self._taken(sound):
            self.counts["copied"] += 1
            self.uids.add(taken.names.study_instance_uid)
            if taken.arrival is not None:
                group.append(taken.arrival)
            is_full = sum(each.card.size for each in group) >= _GROUP_BYTES
            if is_full or len(group) >= _GROUP_OBJECTS:
                self._file(original, group)
                group = []
        self._file(original, group)

    def _taken(self, rows: list[Instance]) -> Iterator[Taken]:
        """Write each object anew that may be in a copy, and seal it."""
        for number, row in enumerate(rows):
            try:
                data = self._written(row)
                taken = take(self.vault, number, BytesSource(data)) if data else None
            except (UnreadableError, RecordBrokenError):
                self.counts["unreadable"] += 1
                continue
            if isinstance(taken, Verdict):
                self.counts["unreadable"] += 1
            elif taken is not None:
                yield taken

    def _written(self, row: Instance) -> bytes:
        """Return an object as it is in the copy, b"" for one that is not in it."""
        stored = open_instance(row)
        header = index(stored)
        fit = fitness(header)
        if fit is Fitness.NEVER or stored.size > _LARGEST:
            self.counts["never_copied"] += 1
            return b""
        if fit is Fitness.LOOK_FIRST and not self.row.looked_at:
            self.counts["not_looked_at"] += 1
            return b""
        return b"".join(deidentified(header, stored, self.into))

    def _file(self, original: Study, group: list[Arrival]) -> None:
        """File a group, put it on record, and say how far it is."""
        at = clock.now()
        ready = make_durable(self.vault, group) if group else None

        def work() -> None:
            filed = Filing(self.vault, ready, at=at).file_all() if ready else []
            new = {(each.study_id, each.patient_id) for each in filed if each.new_study}
            for study_id, patient_id in new:
                if study_id and patient_id:
                    self._is_copy(original, study_id, patient_id, at)
            for series_id in {each.series_id for each in filed if each.series_id}:
                finish_later(series_id)
            made = Counter(each.study_id for each in filed if each.outcome is Outcome.STORED)
            for study_id, count in made.items():
                self._note(study_id, count, at)
            Copying.objects.filter(pk=self.row.pk).update(**self.counts)

        commit(work)

    def _is_copy(self, original: Study, study_id: UUID, patient_id: UUID, at: datetime) -> None:
        """Let a new study be known as a copy: of the same patient, with the same marks."""
        StudyCopy.objects.create(
            study_id=study_id,
            vault_id=self.vault.id,
            original_id=original.id,
            profile=self.row.profile,
            made_at=at,
        )
        # Whoever marks the original meanwhile comes before, or finds this copy.
        Study.objects.select_for_update().get(pk=original.id)
        Study.objects.filter(pk=study_id).update(patient_id=original.patient_id)
        if not Study.objects.filter(patient_id=patient_id).exists():
            PatientRecord.objects.filter(pk=patient_id).delete()
        SensitiveMark.objects.bulk_create(
            SensitiveMark(
                vault_id=self.vault.id,
                study_id=study_id,
                token=mark_token(study_id, kind),
                set_by=f"account/{self.row.account_id}",
                since=at,
            )
            for kind in classes_of([original.id])[original.id]
        )

    def _end(self, *, at: datetime) -> None:
        tokens = [uid_token(self.vault.id, uid) for uid in self.uids]
        made = Study.objects.filter(vault_id=self.vault.id, uid_token__in=tokens)
        studies = list(made.order_by("id").values_list("id", flat=True))
        Copying.objects.filter(pk=self.row.pk).update(
            state=CopyingState.READY if studies else CopyingState.NOTHING,
            studies=[str(each) for each in studies],
            ended_at=at,
            **self.counts,
        )

    def _note(self, study_id: UUID | None, count: int, at: datetime) -> None:
        record(
            ReleaseEvent.COPY_MADE,
            actor=f"account/{self.row.account_id}",
            subject=f"study/{study_id}",
            vault_id=self.vault.id,
            reason=self.row.profile,
            count=count,
            at=at,
        )
