"""Which records does a desk find by a number, and which changes of them were asked for?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from safelight.exchange.access.caring.readings import note_reading
from safelight.exchange.access.caring.relations import desk_vaults
from safelight.exchange.access.facts import Party
from safelight.exchange.release.events import ReleaseEvent
from safelight.records.imaging.known_patients import patients_numbered
from safelight.records.imaging.models import (
    ChangeKind,
    PatientRecord,
    RecordChange,
    Study,
    StudyState,
)
from safelight.records.imaging.patients import Identity, identity_of

_AT_MOST: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRecord:
    """A record, who it says it is of, and its exams with their days."""

    patient_id: UUID
    known_as: Identity
    is_claimed: bool
    exams: tuple[tuple[UUID, date | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """One change as the desk sees it. `there` None: a record of its own, not made yet.

    `may_confirm`: another person of the desk asked for it.
    """

    change_id: UUID
    kind: ChangeKind
    here: Identity
    there: Identity | None
    exam_on: date | None
    words: str
    asked_at: datetime
    confirmed_at: datetime | None
    may_confirm: bool

    @property
    def is_move(self) -> bool:
        """Whether it is about one exam."""
        return self.kind is ChangeKind.MOVE_EXAM


def find_records(party: Party, numbers: list[str], *, at: datetime) -> list[FoundRecord]:
    """Return the records of the party's institutions that have one of these numbers.

    Reading them is on record.

    Raises:
        NotFoundError: the party works at no institution's desk.
    """
    vaults = desk_vaults(party)
    note_reading(ReleaseEvent.CHANGES_LISTED, party, vaults, at=at)
    wanted = [number for number in numbers if number.strip()]
    rows = [row for vault in vaults for row in patients_numbered(vault.id, wanted)][:_AT_MOST]
    exams: dict[UUID, list[tuple[UUID, date | None]]] = {row.pk: [] for row in rows}
    of_them = Study.objects.filter(patient_id__in=list(exams), state=StudyState.FILED)
    for study in of_them.order_by("-study_on", "pk")[: _AT_MOST * 10]:
        exams[study.patient_id].append((study.pk, study.study_on))
    return [
        FoundRecord(
            patient_id=row.pk,
            known_as=identity_of(row.vault_id, row),
            is_claimed=row.account_id is not None,
            exams=tuple(exams[row.pk]),
        )
        for row in rows
    ]


def changes_at_desk(party: Party, *, at: datetime) -> list[ChangeLine]:
    """List what was asked for and what holds, the latest first. Reading it is on record.

    Raises:
        NotFoundError: the party works at no institution's desk.
    """
    vaults = desk_vaults(party)
    note_reading(ReleaseEvent.CHANGES_LISTED, party, vaults, at=at)
    rows = RecordChange.objects.filter(
        vault_id__in=[vault.id for vault in vaults], ended_at__isnull=True
    )
    return [_line(party, row) for row in rows.order_by("-asked_at", "pk")[:_AT_MOST]]


def _line(party: Party, row: RecordChange) -> ChangeLine:
    records = PatientRecord.objects.in_bulk([row.here_id, *filter(None, [row.there_id])])
    study = Study.objects.filter(pk=row.study_id).first() if row.study_id else None
    there = records[row.there_id] if row.there_id else None
    return ChangeLine(
        change_id=row.pk,
        kind=ChangeKind(row.kind),
        here=identity_of(row.vault_id, records[row.here_id]),
        there=identity_of(row.vault_id, there) if there else None,
        exam_on=study.study_on if study else None,
        words=row.words,
        asked_at=row.asked_at,
        confirmed_at=row.confirmed_at,
        may_confirm=row.confirmed_at is None and row.asked_by != party.account,
    )
