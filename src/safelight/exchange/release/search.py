"""Which studies, series and instances answer a query, for this party?

In one's own vault a query becomes keyed tokens and a date range in an index;
records reached by grant start from the grants. Counts and modalities are added
from what this party may see, never kept (PS3.18 section 10.6).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID

import orjson
from django.db.models import Q, QuerySet

from safelight.dicom.matching import Key, date_range, has_wildcard, matches
from safelight.dicom.people import fold
from safelight.dicom.summary import instance_answer
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action, Reason
from safelight.exchange.access.facts import Party
from safelight.exchange.access.queries import reach
from safelight.exchange.release.find import Found, find_study, instances_of, series_of
from safelight.exchange.release.looks import listed, look
from safelight.platform.keys.ring import ring
from safelight.records.imaging.answers import open_answer
from safelight.records.imaging.models import SearchToken, Study, StudyState
from safelight.records.imaging.renditions import metadata_of
from safelight.records.imaging.tokens import LONGEST_NAME_PREFIX, uid_token, word_token

STUDY_UID: Final = "0020000D"
STUDY_DATE: Final = "00080020"
PATIENT_NAME: Final = "00100010"
MODALITIES: Final = "00080061"
_EXACT: Final = {
    "00100020": "patient-id",
    "00080050": "accession",
    "00200010": "study-id",
    MODALITIES: "modality",
}
_COMPUTED: Final = frozenset({MODALITIES, "00080060"})
_BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: matching keys, fuzzy name matching or not, and the page wanted."""

    keys: tuple[Key, ...] = ()
    fuzzy: bool = False
    limit: int = 100
    offset: int = 0


@dataclass(frozen=True, slots=True)
class StudyHit:
    """One study of an answer, with the decision under which it was found."""

    found: Found
    answer: dict[str, Any]


def search_studies(party: Party, query: Query, *, at: datetime) -> list[StudyHit]:
    """Return the page of visible studies that match, the newest first."""
    within = reach(party)
    own = (_own_studies(vault_id, query) for vault_id in within.vaults)
    granted = Study.objects.filter(pk__in=within.study_ids, state=StudyState.FILED).exclude(
        vault_id__in=within.vaults
    )
    streams = [*own, iter(sorted(granted, key=_newest_first))]
    merged = heapq.merge(*streams, key=_newest_first)
    hits = _judged(party, merged, query, at)
    page = list(islice(hits, query.offset, query.offset + query.limit))
    listed(party, at=at)
    for hit in page:
        if hit.found.decision.reason == Reason.CONSENT:
            look(party, hit.found, at=at)
    return page


def search_series(
    party: Party, study_uid: str, query: Query, *, at: datetime
) -> tuple[Found, list[dict[str, Any]]]:
    """Return the visible series of a study that match."""
    found = find_study(party, study_uid, at=at)
    look(party, found, at=at)
    matched = [answer for answer in series_answers(found) if matches(answer, query.keys)]
    return found, matched[query.offset : query.offset + query.limit]


def search_instances(
    party: Party, study_uid: str, series_uid: str, query: Query, *, at: datetime
) -> tuple[Found, list[dict[str, Any]]]:
    """Return the visible instances of a study, or of one series, that match."""
    found = find_study(party, study_uid, at=at)
    look(party, found, at=at)
    answers = []
    for series in series_of(found):
        if series_uid and bytes(series.uid_token) != uid_token(found.study.vault_id, series_uid):
            continue
        for model in metadata_of(instances_of(found, series), level="instance"):
            answer = instance_answer(orjson.loads(model))
            if matches(answer, query.keys):
                answers.append(answer)
    return found, answers[query.offset : query.offset + query.limit]


def series_answers(found: Found) -> list[dict[str, Any]]:
    """Return the answers of a study's visible series, with what is counted."""
    study_key = ring().study_key(found.study.id)
    answers = []
    for series in series_of(found):
        answer = open_answer("series", series.id, series.sealed_answer, study_key=study_key)
        count = len(instances_of(found, series))
        if count:
            answer["00201209"] = {"vr": "IS", "Value": [count]}
            answers.append(answer)
    return answers


def study_answer_of(found: Found) -> dict[str, Any]:
    """Return a study's answer, with counts and modalities of what is visible of it."""
    study_key = ring().study_key(found.study.id)
    answer = open_answer("study", found.study.id, found.study.sealed_answer, study_key=study_key)
    series = series_answers(found)
    modalities = sorted({each["00080060"]["Value"][0] for each in series if _modality(each)})
    counted = sum(each["00201209"]["Value"][0] for each in series)
    answer[MODALITIES] = {"vr": "CS"} | ({"Value": modalities} if modalities else {})
    answer["00201206"] = {"vr": "IS", "Value": [len(series)]}
    answer["00201208"] = {"vr": "IS", "Value": [counted]}
    return answer


def _modality(answer: dict[str, Any]) -> bool:
    return bool(answer.get("00080060", {}).get("Value"))


def _judged(
    party: Party, studies: Iterator[Study], query: Query, at: datetime
) -> Iterator[StudyHit]:
    stored = tuple(key for key in query.keys if key.path[0] not in _COMPUTED)
    computed = tuple(key for key in query.keys if key.path[0] in _COMPUTED)
    for study in studies:
        decision = decide(party, Action.VIEW, study.id, at=at)
        if not decision.allowed:
            continue
        found = Found(study, decision)
        key = ring().study_key(study.id)
        answer = open_answer("study", study.id, study.sealed_answer, study_key=key)
        if not matches(answer, stored, fuzzy=query.fuzzy):
            continue
        full = study_answer_of(found)
        if all(matches(full, (key,)) for key in computed):
            yield StudyHit(found, full)


def _newest_first(study: Study) -> tuple[int, UUID]:
    return (-(study.study_on or date.min).toordinal(), study.id)


def _own_studies(vault_id: UUID, query: Query) -> Iterator[Study]:
    """Yield candidates of one's own vault by index, in batches, the newest first."""
    rows = Study.objects.filter(vault_id=vault_id, state=StudyState.FILED)
    for key in query.keys:
        rows = _narrowed(rows, vault_id, key, fuzzy=query.fuzzy)
    ordered = rows.order_by("-study_on", "id")
    start = 0
    while batch := list(ordered[start : start + _BATCH]):
        yield from sorted(batch, key=_newest_first)
        start += _BATCH


def _narrowed(rows: QuerySet[Study], vault_id: UUID, key: Key, *, fuzzy: bool) -> QuerySet[Study]:
    """Use the index for a key where there is one; the rest is matched on the answers."""
    tag, wanted = key.path[0], key.wanted
    if len(key.path) > 1 or not wanted:
        return rows
    if tag == STUDY_UID:
        uids = [uid for uid in wanted.replace("\\", ",").split(",") if uid]
        return rows.filter(uid_token__in=[uid_token(vault_id, uid) for uid in uids])
    if tag == STUDY_DATE:
        return _by_date(rows, wanted)
    token = None if fuzzy and tag == PATIENT_NAME else _token_of(vault_id, tag, wanted)
    if token is None:
        return rows
    return rows.filter(
        pk__in=SearchToken.objects.filter(vault_id=vault_id, token=token).values("study_id")
    )


def _token_of(vault_id: UUID, tag: str, wanted: str) -> bytes | None:
    if tag in _EXACT and not has_wildcard(wanted):
        return word_token(vault_id, _EXACT[tag], wanted)
    if tag != PATIENT_NAME:
        return None
    folded = fold(wanted)
    beginning = folded.split("*")[0].split("?")[0][:LONGEST_NAME_PREFIX]
    return word_token(vault_id, "name-prefix", beginning) if beginning else None


def _by_date(rows: QuerySet[Study], wanted: str) -> QuerySet[Study]:
    span = date_range(wanted)
    if span is None:
        return rows
    first, last = span
    condition = Q(study_on__isnull=False)
    if first is not None:
        condition &= Q(study_on__gte=first)
    if last is not None:
        condition &= Q(study_on__lte=last)
    return rows.filter(condition)


def answers_of(hits: Sequence[StudyHit]) -> list[dict[str, Any]]:
    """Return just the answers of some hits."""
    return [hit.answer for hit in hits]
