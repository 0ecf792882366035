"""From what may the person choose: which other exams, which single objects of a series?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from safelight.dicom.search.titles import value_of
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.access.sensitive import classes_of
from safelight.exchange.consent.terms import Sensitive
from safelight.exchange.release.viewing.find import find_study_by_id, instances_of
from safelight.exchange.release.viewing.overview import ExamSummary, exams
from safelight.kernel.errors import NotFoundError
from safelight.records.imaging.models import Instance, Series, Study
from safelight.records.imaging.renditions import models_of
from safelight.records.imaging.store import card_of

_TITLE: Final = "00420010"
_CONCEPT: Final = "0040A043"
_MEANING: Final = "00080104"
_BATCH: Final = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """One object of a series that can be chosen by itself.

    `number` counts from 1 as the viewer does; `name` is empty for a picture;
    `frames` is 0 for a document.
    """

    instance_id: UUID
    instance_uid: str
    number: int
    name: str
    frames: int


def picks(party: Party, study_id: UUID, series_id: UUID, *, at: datetime) -> list[Pick]:
    """List the objects of one series in the order in which the viewer shows them.

    Raises:
        NotFoundError: the exam is not this party's to share, or has no such series.
    """
    found = find_study_by_id(party, study_id, at=at, action=Action.SHARE)
    series = Series.objects.filter(pk=series_id, study_id=study_id).first()
    if series is None:
        raise NotFoundError
    rows = instances_of(found, series)
    cards = {row.id: card_of(row) for row in rows}
    names = _names([row for row in rows if not cards[row.id].frames])

    def place(row: Instance) -> tuple[bool, int]:
        number = cards[row.id].number
        return number is None, number or 0

    return [
        Pick(
            instance_id=row.id,
            instance_uid=cards[row.id].sop_instance_uid,
            number=number,
            name=names.get(row.id, ""),
            frames=len(cards[row.id].frames),
        )
        for number, row in enumerate(sorted(rows, key=place), 1)
    ]


def other_exams(party: Party, vault_id: UUID, *, at: datetime) -> list[ExamSummary]:
    """List the exams that can go into one share: this party's own, from one place."""
    seen = exams(party, at=at)
    ids = [each.study_id for each in seen]
    there = set(Study.objects.filter(pk__in=ids, vault_id=vault_id).values_list("id", flat=True))
    return [
        each
        for each in seen
        if each.study_id in there and decide(party, Action.SHARE, each.study_id, at=at).allowed
    ]


def single_objects(series_ids: tuple[str, ...], instance_ids: tuple[str, ...]) -> dict[UUID, int]:
    """Count the single objects that are chosen of each series that is not taken whole."""
    rows = Instance.objects.filter(id__in=[UUID(each) for each in instance_ids])
    counted: dict[UUID, int] = {}
    for series_id in rows.values_list("series_id", flat=True):
        if str(series_id) not in series_ids:
            counted[series_id] = counted.get(series_id, 0) + 1
    return counted


def sensitive_in(
    party: Party, study_ids: list[UUID], *, at: datetime
) -> dict[UUID, list[Sensitive]]:
    """Return the classes that exams are marked with, for who decides about them.

    Raises:
        NotFoundError: one of them is not this party's to share.
    """
    if not all(decide(party, Action.SHARE, each, at=at).allowed for each in study_ids):
        raise NotFoundError
    marked = classes_of(study_ids)
    return {
        study_id: [kind for kind in Sensitive if kind in kinds]
        for study_id, kinds in marked.items()
        if kinds
    }


def _names(rows: list[Instance]) -> dict[UUID, str]:
    """Return what documents call themselves."""
    found = {}
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        for instance_id, model in models_of(batch, level="instance").items():
            found[instance_id] = _name(orjson.loads(model))
    return found


def _name(model: dict[str, Any]) -> str:
    if title := value_of(model, _TITLE):
        return title
    concept = (model.get(_CONCEPT, {}).get("Value") or [{}])[0]
    return value_of(concept, _MEANING)
