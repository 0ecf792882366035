"""Which reports lie in an exam, and what do they say beside its pictures?

Structured reports are told line by line; papers are named, and leave as they came.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

import orjson

from safelight.dicom.elements.dates import parse_date
from safelight.dicom.json.told import Line, concept_of, told
from safelight.dicom.search.titles import value_of
from safelight.exchange.access.facts import Party
from safelight.exchange.release.viewing.documents import Document, document
from safelight.exchange.release.viewing.find import Found, find_study_by_id
from safelight.exchange.release.viewing.looks import look
from safelight.exchange.release.viewing.overview import ExamSummary
from safelight.kernel.errors import NotFoundError
from safelight.platform.keys.ring import ring
from safelight.records.imaging.answers import open_model
from safelight.records.imaging.models import Instance, InstanceModel
from safelight.records.imaging.quarantine import QuarantinedError, sound_among

MOST: Final = 50
"""So many reports of one exam are told at most, the newest."""

_REPORTS: Final = frozenset({"SR", "DOC"})
_TITLE, _MIME, _WRITTEN = "00420010", "00420012", "00080023"
_SERIES_TITLE: Final = "0008103E"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report as it is told: the lines of a structured one; a paper has none."""

    instance_id: UUID
    title: str
    on: date | None
    received_at: datetime
    is_paper: bool
    lines: tuple[Line, ...] = ()
    is_cut: bool = False


def reports(party: Party, summary: ExamSummary, *, at: datetime) -> list[Report]:
    """Tell the reports of an exam that a party may see, the newest first.

    That they were shown is on record before.

    Raises:
        NotFoundError: the exam is not this party's to see.
        CareReasonMissingError: one of the care team has not said why they look.
    """
    series = [
        each.series_id
        for each in summary.series
        if not each.has_pixels and each.modality in _REPORTS
    ]
    if not series:
        return []
    found = find_study_by_id(party, summary.study_id, at=at)
    rows = _rows(found, series)
    look(party, found, at=at, pictures=[(row.id, 1) for row in rows])
    sealed = dict(
        InstanceModel.objects.filter(instance_id__in=[row.id for row in rows]).values_list(
            "instance_id", "sealed_model"
        )
    )
    study_key = ring().study_key(found.study.id)
    return [
        _report(row, orjson.loads(open_model(row.id, bytes(sealed[row.id]), study_key=study_key)))
        for row in rows
        if row.id in sealed
    ]


def paper_in(party: Party, study_id: UUID, instance_id: UUID, *, at: datetime) -> Document:
    """Return a paper as it came. That it was looked at is on record before.

    Raises:
        NotFoundError: there is none, or it is not for this party; never which.
        CareReasonMissingError: one of the care team has not said why they look.
    """
    found = find_study_by_id(party, study_id, at=at)
    row = Instance.objects.filter(id=instance_id, study_id=study_id).first()
    held = document(party, found, row, at=at) if row is not None and found.covers(row) else None
    if held is None:
        raise NotFoundError
    return held


def _rows(found: Found, series: list[UUID]) -> list[Instance]:
    rows = Instance.objects.filter(study_id=found.study.id, series_id__in=series)
    seen = [row for row in rows.order_by("-arrival")[: 4 * MOST] if found.covers(row)][:MOST]
    try:
        return sound_among(seen)
    except QuarantinedError:  # none can be read; the pictures beside them can
        return []


def _report(row: Instance, model: dict[str, object]) -> Report:
    is_paper = _MIME in model
    said = told(model) if not is_paper else None
    title = value_of(model, _TITLE) or concept_of(model) or value_of(model, _SERIES_TITLE)
    return Report(
        instance_id=row.id,
        title=title,
        on=parse_date(value_of(model, _WRITTEN)),
        received_at=row.received_at,
        is_paper=is_paper,
        lines=said.lines if said else (),
        is_cut=said.is_cut if said else False,
    )
