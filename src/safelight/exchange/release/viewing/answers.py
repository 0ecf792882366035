"""What do QIDO-RS answers say of studies and series, to somebody who may see this much of them?

The kept answers hold no counts and no modalities: these are added here from what
is visible, for many studies with a few queries.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Min, Q

from safelight.exchange.release.parts import arrivals_in
from safelight.exchange.release.viewing.find import Found
from safelight.platform.database.asking import as_id, ask, marks
from safelight.platform.keys.ring import ring
from safelight.records.imaging.answers import open_answer
from safelight.records.imaging.models import Instance

Answer = dict[str, Any]

MODALITY: Final = "00080060"
MODALITIES: Final = "00080061"
_SERIES_OF_STUDY: Final = "00201206"
_INSTANCES_OF_STUDY: Final = "00201208"
COMPUTED: Final = frozenset({MODALITY, MODALITIES, _SERIES_OF_STUDY, _INSTANCES_OF_STUDY})
_INSTANCES_OF_SERIES: Final = "00201209"
_SERIES: Final = (
    "SELECT id, study_id, sealed_answer FROM imaging_series WHERE study_id IN ({marks})"
)
_COUNTS: Final = """
    SELECT series_id, COUNT(*), MIN(arrival) FROM imaging_instance
    WHERE study_id IN ({marks}) GROUP BY series_id
"""


def study_answers(found: Sequence[Found]) -> list[Answer]:
    """Return each study's answer, with counts and modalities of what is visible of it."""
    keys = ring().study_keys([each.study.id for each in found])
    series = _series_answers(found, keys)
    answers = []
    for each in found:
        study = each.study
        answer = open_answer("study", study.id, study.sealed_answer, study_key=keys[study.id])
        answers.append(_with_counts(answer, series.get(study.id, [])))
    return answers


def series_answers(found: Found) -> list[Answer]:
    """Return the answers of a study's visible series, with what is counted."""
    keys = ring().study_keys([found.study.id])
    return _series_answers([found], keys).get(found.study.id, [])


def series_answers_of(found: Sequence[Found]) -> dict[UUID, list[Answer]]:
    """Return the answers of the visible series of several studies, by the study's row."""
    return _series_answers(found, ring().study_keys([each.study.id for each in found]))


def visible(found: Sequence[Found]) -> dict[UUID, tuple[int, int]]:
    """Return for each visible series of some studies how many instances are, and the first."""
    whole = [each.study.id for each in found if each.decision.scope.whole]
    counts = _counted(whole) if whole else {}
    parts = [
        Q(series_id=series_id, study_id=each.study.id) & arrivals_in(part)
        for each in found
        if not each.decision.scope.whole
        for series_id, part in each.decision.scope.series.items()
    ]
    if not parts:
        return counts
    counted = (
        Instance.objects.filter(reduce(or_, parts))
        .values_list("series_id")
        .annotate(Count("arrival"), Min("arrival"))
        .order_by()
    )
    return counts | {series_id: (count, first) for series_id, count, first in counted}


def _counted(study_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    rows = ask(_COUNTS.format(marks=marks(study_ids)), *study_ids)
    return {as_id(series_id): (count, first) for series_id, count, first in rows}


def _series_answers(found: Sequence[Found], keys: dict[UUID, bytes]) -> dict[UUID, list[Answer]]:
    """Return for each study the answers of its visible series, in order of arrival."""
    counts = visible(found)
    answers: dict[UUID, list[Answer]] = {}
    study_ids = [each.study.id for each in found]
    rows = ask(_SERIES.format(marks=marks(study_ids)), *study_ids) if study_ids else []
    opened = [(as_id(series), as_id(study), sealed) for series, study, sealed in rows]
    seen = [row for row in opened if row[0] in counts]
    for series_id, study_id, sealed in sorted(seen, key=lambda row: counts[row[0]][1]):
        answer = open_answer("series", series_id, sealed, study_key=keys[study_id])
        answer[_INSTANCES_OF_SERIES] = {"vr": "IS", "Value": [counts[series_id][0]]}
        answers.setdefault(study_id, []).append(answer)
    return answers


def _with_counts(answer: Answer, series: Sequence[Answer]) -> Answer:
    modalities = sorted({value for each in series for value in each[MODALITY].get("Value", [])})
    answer[MODALITIES] = {"vr": "CS"} | ({"Value": modalities} if modalities else {})
    answer[_SERIES_OF_STUDY] = {"vr": "IS", "Value": [len(series)]}
    counted = sum(each[_INSTANCES_OF_SERIES]["Value"][0] for each in series)
    answer[_INSTANCES_OF_STUDY] = {"vr": "IS", "Value": [counted]}
    return answer
