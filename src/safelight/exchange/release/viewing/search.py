"""Which studies, series and instances answer a query, for this party?

In one's own vault a query becomes keyed tokens and a date range in an index;
records reached by grant start from the grants. Counts and modalities are added
from what this party may see, never kept (PS3.18 section 10.6).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from time import monotonic
from typing import Any, Final

import orjson

from safelight.dicom.json.summary import instance_answer
from safelight.dicom.search.matching import Key, matches
from safelight.exchange.access.decide import decide_all
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.access.given import given_in_order
from safelight.exchange.access.queries import reach
from safelight.exchange.release.disclosures import TO_ANOTHER
from safelight.exchange.release.errors import TooBroadError
from safelight.exchange.release.viewing.answers import COMPUTED, series_answers, study_answers
from safelight.exchange.release.viewing.candidates import candidates
from safelight.exchange.release.viewing.described import whole_series
from safelight.exchange.release.viewing.find import (
    Found,
    deny,
    find_study,
    instances_of,
    series_of,
)
from safelight.exchange.release.viewing.looks import listed, look
from safelight.platform.keys.ring import ring
from safelight.records.imaging.answers import open_answer
from safelight.records.imaging.models import Study
from safelight.records.imaging.renditions import metadata_of
from safelight.records.imaging.study_index import filed_among, newest_first, studies_in
from safelight.records.imaging.tokens import uid_token

_STUDY_UID: Final = "0020000D"
_SERIES_UID: Final = "0020000E"
_BATCH: Final = 128
LONGEST_SEARCH: Final = 10.0
"""Seconds after which a search that no index narrows is refused, not answered in part."""


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
    return study_page(party, query, at=at)[0]


def study_page(party: Party, query: Query, *, at: datetime) -> tuple[list[StudyHit], bool]:
    """Return the same page, and whether more studies match than are on it."""
    matched = islice(matching_studies(party, query, at=at), query.offset, None)
    page = list(islice(matched, query.limit))
    more = len(page) == query.limit and next(matched, None) is not None
    listed(party, at=at)
    if not page and not query.offset and _names_studies(query.keys):
        deny(party, Action.VIEW, at=at)  # V1: whether they exist is not said, nor what was asked
    for found in page:
        if found.decision.reason in TO_ANOTHER:
            look(party, found, at=at)
    answers = study_answers(page)
    hits = [StudyHit(found, answer) for found, answer in zip(page, answers, strict=True)]
    return hits, more


def _names_studies(keys: Iterable[Key]) -> bool:
    """Say whether a query asks for studies by their UIDs."""
    return any(key.path == (_STUDY_UID,) and key.wanted and "*" not in key.wanted for key in keys)


def matching_studies(party: Party, query: Query, *, at: datetime) -> Iterator[Found]:
    """Yield every visible study that matches, the newest first; nothing is put on record."""
    within = reach(party)
    own = (candidates(vault_id, query.keys, fuzzy=query.fuzzy) for vault_id in within.vaults)
    treated = (
        candidates(vault_id, query.keys, fuzzy=query.fuzzy, within=within.care)
        for vault_id in within.care_vaults
    )
    searched = {*within.vaults, *within.care_vaults}
    named = filed_among(within.study_ids, but_of=searched) if within.study_ids else []
    given = studies_in(given_in_order(party), but_of=searched) if within.given else []
    merged = heapq.merge(*own, *treated, _once(named, given), key=newest_first)
    return _matched(party, merged, query, at)


def _once(named: list[Study], given: Iterable[Study]) -> Iterator[Study]:
    """Merge what is reached by two ways, each study once."""
    known = {study.id for study in named}
    others = (study for study in given if study.id not in known)
    return heapq.merge(named, others, key=newest_first)


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
    matched = _instance_answers(found, series_uid, query)
    return found, list(islice(matched, query.offset, query.offset + query.limit))


def _instance_answers(found: Found, series_uid: str, query: Query) -> Iterator[dict[str, Any]]:
    wanted = uid_token(found.study.vault_id, series_uid) if series_uid else b""
    for series in series_of(found):
        if wanted and bytes(series.uid_token) != wanted:
            continue
        whole = whole_series(found, series)
        if whole is not None:
            yield from (each for each in whole.answers() if matches(each, query.keys))
            continue
        rows = iter(instances_of(found, series))
        while batch := list(islice(rows, _BATCH)):
            for packed in metadata_of(batch, level="instance"):
                model = orjson.loads(packed)
                # An instance is addressed through its series, so it names that too.
                answer = instance_answer(model) | {_SERIES_UID: model[_SERIES_UID]}
                if matches(answer, query.keys):
                    yield answer


def _matched(party: Party, studies: Iterator[Study], query: Query, at: datetime) -> Iterator[Found]:
    """Yield the visible studies that match, judged and opened in batches.

    Raises:
        TooBroadError: the index names so many candidates that opening them takes too long.
    """
    stored = tuple(key for key in query.keys if key.path[0] not in COMPUTED)
    computed = tuple(key for key in query.keys if key.path[0] in COMPUTED)
    size = min(_BATCH, query.offset + query.limit + 1)
    began = monotonic()
    while batch := list(islice(studies, size)):
        if monotonic() - began > LONGEST_SEARCH:
            raise TooBroadError
        found = [each for each in _judged(party, batch, at) if _fits(each, stored, query)]
        answers = study_answers(found) if computed else []
        for number, each in enumerate(found):
            if not computed or matches(answers[number], computed):
                yield each


def _judged(party: Party, studies: list[Study], at: datetime) -> list[Found]:
    ids = [study.id for study in studies]
    decisions = decide_all(party, Action.VIEW, ids, at=at)
    ring().study_keys(ids)  # opened together, kept for what follows
    return [Found(study, decisions[study.id]) for study in studies if decisions[study.id].allowed]


def _fits(found: Found, keys: tuple[Key, ...], query: Query) -> bool:
    if not keys:
        return True
    study = found.study
    key = ring().study_key(study.id)
    answer = open_answer("study", study.id, study.sealed_answer, study_key=key)
    return matches(answer, keys, fuzzy=query.fuzzy)
