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

from safelight.exchange.release.viewing.find import Found
from safelight.platform.keys.ring import ring
from safelight.records.imaging.answers import open_answer
from safelight.records.imaging.models import Instance, Series

Answer = dict[str, Any]

MODALITY: Final = "00080060"
MODALITIES: Final = "00080061"
_SERIES_OF_STUDY: Final = "00201206"
_INSTANCES_OF_STUDY: Final = "00201208"
COMPUTED: Final = frozenset({MODALITY, MODALITIES, _SERIES_OF_STUDY, _INSTANCES_OF_STUDY})
_INSTANCES_OF_SERIES: Final = "00201209"


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
    parts = [
        Q(series_id=series_id, study_id=each.study.id, arrival__lte=up_to)
        for each in found
        if not each.decision.scope.whole
        for series_id, up_to in each.decision.scope.series.items()
    ]
    conditions = ([Q(study_id__in=whole)] if whole else []) + parts
    if not conditions:
        return {}
    counted = (
        Instance.objects.filter(reduce(or_, conditions))
        .values_list("series_id")
        .annotate(Count("arrival"), Min("arrival"))
        .order_by()
    )
    return {series_id: (count, first) for series_id, count, first in counted}


def _series_answers(found: Sequence[Found], keys: dict[UUID, bytes]) -> dict[UUID, list[Answer]]:
    """Return for each study the answers of its visible series, in order of arrival."""
    counts = visible(found)
    answers: dict[UUID, list[Answer]] = {}
    rows = Series.objects.filter(study_id__in=[each.study.id for each in found])
    seen = [row for row in rows if row.id in counts]
    for row in sorted(seen, key=lambda row: counts[row.id][1]):
        answer = open_answer("series", row.id, row.sealed_answer, study_key=keys[row.study_id])
        answer[_INSTANCES_OF_SERIES] = {"vr": "IS", "Value": [counts[row.id][0]]}
        answers.setdefault(row.study_id, []).append(answer)
    return answers


def _with_counts(answer: Answer, series: Sequence[Answer]) -> Answer:
    modalities = sorted({value for each in series for value in each[MODALITY].get("Value", [])})
    answer[MODALITIES] = {"vr": "CS"} | ({"Value": modalities} if modalities else {})
    answer[_SERIES_OF_STUDY] = {"vr": "IS", "Value": [len(series)]}
    counted = sum(each[_INSTANCES_OF_SERIES]["Value"][0] for each in series)
    answer[_INSTANCES_OF_STUDY] = {"vr": "IS", "Value": [counted]}
    return answer
