"""Which series and instances of all visible studies answer a query?

The study level of the query is answered by the index, as for a search of studies.
Then the studies are opened one after the other, the newest first, only until the
page is full. A search that would have to open too many is refused as too broad
rather than answered with a part of the truth (PS3.18 10.6.3.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Final

from safelight.dicom.search.matching import Key, matches
from safelight.exchange.access.facts import Party
from safelight.exchange.release.errors import TooBroadError
from safelight.exchange.release.viewing.answers import (
    MODALITIES,
    MODALITY,
    Answer,
    series_answers_of,
    study_answers,
)
from safelight.exchange.release.viewing.asked_why import asked_why
from safelight.exchange.release.viewing.find import Found
from safelight.exchange.release.viewing.holding import studies_holding
from safelight.exchange.release.viewing.instance_models import instances_matching
from safelight.exchange.release.viewing.search import Query, matching_studies
from safelight.exchange.release.viewing.search_keys import SERIES_UID, by_level, named_uids

_BATCH: Final = 32
MOST_STUDIES: Final = 2_000
"""So many studies are opened for one answer at most."""
MOST_INSTANCES: Final = 20_000
"""So many instances are."""


@dataclass(slots=True)
class _Budget:
    """How much may still be opened for this answer."""

    studies: int
    instances: int

    def spend(self, *, studies: int = 0, instances: int = 0) -> None:
        self.studies -= studies
        self.instances -= instances
        if self.studies < 0 or self.instances < 0:
            raise TooBroadError


Hit = tuple[Found, Answer]


def _budget() -> _Budget:
    return _Budget(MOST_STUDIES, MOST_INSTANCES)


def all_series(party: Party, query: Query, *, at: datetime) -> Iterator[Hit]:
    """Yield every visible series that matches, with what is told of its study.

    Raises:
        TooBroadError: too much had to be opened so far.
    """
    _, of_series, _ = by_level(query.keys)
    for found, study, series in _opened(party, query, _budget(), at=at):
        for answer in series:
            if matches(answer, of_series, fuzzy=query.fuzzy):
                yield found, study | answer


def all_instances(party: Party, query: Query, *, at: datetime) -> Iterator[Hit]:
    """Yield every visible instance that matches, with what is told of its series and study.

    Raises:
        TooBroadError: too much had to be opened so far.
    """
    budget = _budget()
    _, of_series, of_instance = by_level(query.keys)
    for found, study, series in _opened(party, query, budget, at=at):
        fitting = {
            answer[SERIES_UID]["Value"][0]: answer
            for answer in series
            if matches(answer, of_series, fuzzy=query.fuzzy)
        }
        for instance in instances_matching(
            found, of_instance, tuple(fitting), fuzzy=query.fuzzy, opening=budget.spend
        ):
            uid = instance[SERIES_UID]["Value"][0]
            yield found, study | fitting[uid] | instance


def _opened(
    party: Party, query: Query, budget: _Budget, *, at: datetime
) -> Iterator[tuple[Found, Answer, list[Answer]]]:
    """Yield the studies that can hold a match, with their answers and those of their series."""
    studies = _studies(party, query, at=at)
    while batch := list(islice(studies, min(_BATCH, query.offset + query.limit + 1))):
        closed = asked_why(party, batch, at=at)
        batch = [each for each in batch if each.study.id not in closed]
        budget.spend(studies=len(batch))
        series = series_answers_of(batch)
        for found, answer in zip(batch, study_answers(batch), strict=True):
            yield found, answer, series.get(found.study.id, [])


def _studies(party: Party, query: Query, *, at: datetime) -> Iterator[Found]:
    of_study, of_series, of_instance = by_level(query.keys)
    named = named_uids([*of_series, *of_instance])
    if named is not None:
        held = studies_holding(party, named, at=at)
        fits = zip(held, study_answers(held), strict=True)
        return iter([each for each, told in fits if matches(told, of_study, fuzzy=query.fuzzy)])
    # A series of a modality lies in a study that holds that modality, which is indexed.
    modalities = [Key((MODALITIES,), key.wanted) for key in of_series if key.path == (MODALITY,)]
    return matching_studies(party, replace(query, keys=(*of_study, *modalities)), at=at)
