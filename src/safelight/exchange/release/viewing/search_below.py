"""Which page of series or instances answers a query, of one study or of all that are visible?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from uuid import UUID

from safelight.dicom.search.levels import Level
from safelight.dicom.search.matching import Key, matches
from safelight.exchange.access.decision import Reason
from safelight.exchange.access.facts import Party
from safelight.exchange.release.viewing.answers import Answer, series_answers, study_answers
from safelight.exchange.release.viewing.asked_why import asked_why
from safelight.exchange.release.viewing.find import Found, find_study
from safelight.exchange.release.viewing.included import (
    Included,
    include_in_instances,
    include_in_series,
    include_in_studies,
)
from safelight.exchange.release.viewing.instance_models import instances_matching
from safelight.exchange.release.viewing.looks import listed, look
from safelight.exchange.release.viewing.search import (
    Query,
    search_instances,
    search_series,
    study_page,
)
from safelight.exchange.release.viewing.search_all import Hit, all_instances, all_series
from safelight.exchange.release.viewing.search_keys import (
    INSTANCE_ANSWERED_QUICKLY,
    SERIES_UID,
    by_level,
)


@dataclass(frozen=True, slots=True)
class Page:
    """The answers of one page, and whether more match than are on it."""

    answers: list[Answer]
    more: bool


def studies_page(party: Party, query: Query, included: Included, *, at: datetime) -> Page:
    """Return a page of studies, with what else was asked for of them."""
    hits, more = study_page(party, query, at=at)
    answers = [hit.answer for hit in hits]
    closed = asked_why(party, [hit.found for hit in hits], at=at)
    open_ones = [hit for hit in hits if hit.found.study.id not in closed]
    found, said = [hit.found for hit in open_ones], [hit.answer for hit in open_ones]
    include_in_studies(found, said, included)
    return Page(answers, more)


def series_page(
    party: Party, study_uid: str, query: Query, included: Included, *, at: datetime
) -> Page:
    """Return a page of the series of one study, or of all where none is named."""
    if not study_uid:
        return _page_of_all(party, query, included, Level.SERIES, at=at)
    of_study, of_series, _ = by_level(query.keys)
    one_more = replace(query, keys=of_series, limit=query.limit + 1)
    found, answers = search_series(party, study_uid, one_more, at=at)
    if not _fits(found, query, of_study):
        return Page([], more=False)
    page = Page(answers[: query.limit], len(answers) > query.limit)
    include_in_series(found, page.answers, included)
    return page


def instance_page(
    party: Party,
    study_uid: str,
    series_uid: str,
    query: Query,
    included: Included,
    *,
    at: datetime,
) -> Page:
    """Return a page of the instances of one series, of one study, or of all studies."""
    if not study_uid:
        return _page_of_all(party, query, included, Level.INSTANCE, at=at)
    found, answers = _instances(party, study_uid, series_uid, query, at=at)
    if not _fits(found, query, by_level(query.keys).study):
        return Page([], more=False)
    page = Page(answers[: query.limit], len(answers) > query.limit)
    if not series_uid:
        told = {each[SERIES_UID]["Value"][0]: each for each in series_answers(found)}
        page.answers[:] = [told[each[SERIES_UID]["Value"][0]] | each for each in page.answers]
    include_in_instances(found, page.answers, included)
    return page


def _instances(
    party: Party, study_uid: str, series_uid: str, query: Query, *, at: datetime
) -> tuple[Found, list[Answer]]:
    """Return the matching instances of a study or series, one more than the page holds."""
    _, of_series, of_instance = by_level(query.keys)
    wanted = query.limit + 1
    if not of_series and all(key.path[0] in INSTANCE_ANSWERED_QUICKLY for key in of_instance):
        quick = replace(query, keys=of_instance, limit=wanted)
        return search_instances(party, study_uid, series_uid, quick, at=at)
    found = find_study(party, study_uid, at=at)
    look(party, found, at=at)
    fitting = [
        answer[SERIES_UID]["Value"][0]
        for answer in series_answers(found)
        if matches(answer, of_series, fuzzy=query.fuzzy)
    ]
    uids = [uid for uid in fitting if not series_uid or uid == series_uid]
    matched = instances_matching(found, of_instance, uids, fuzzy=query.fuzzy)
    return found, list(islice(matched, query.offset, query.offset + wanted))


def _page_of_all(
    party: Party, query: Query, included: Included, level: Level, *, at: datetime
) -> Page:
    search = all_series if level is Level.SERIES else all_instances
    matched = search(party, query, at=at)
    hits = list(islice(matched, query.offset, query.offset + query.limit + 1))
    page = hits[: query.limit]
    listed(party, at=at)
    for found, answers in _by_study(page):
        if found.decision.reason == Reason.CONSENT:
            look(party, found, at=at)
        include = include_in_series if level is Level.SERIES else include_in_instances
        include(found, answers, included)
    return Page([answer for _, answer in page], len(hits) > query.limit)


def _by_study(hits: Sequence[Hit]) -> Iterable[tuple[Found, list[Answer]]]:
    studies: dict[UUID, tuple[Found, list[Answer]]] = {}
    for found, answer in hits:
        studies.setdefault(found.study.id, (found, []))[1].append(answer)
    return studies.values()


def _fits(found: Found, query: Query, of_study: Sequence[Key]) -> bool:
    return not of_study or matches(study_answers([found])[0], of_study, fuzzy=query.fuzzy)
