"""QIDO-RS: what is there that I may see? (PS3.18 10.6)"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from safelight.dicom.search.levels import Level
from safelight.exchange.access.facts import Party
from safelight.exchange.access.missed import note_everything
from safelight.exchange.access.volume import searched
from safelight.exchange.release.viewing.answers import Answer
from safelight.exchange.release.viewing.search_below import (
    Page,
    instance_page,
    series_page,
    studies_page,
)
from safelight.kernel import clock
from safelight.surfaces.dicomweb.addresses import address_of, service_root
from safelight.surfaces.dicomweb.answering import PRIVATE
from safelight.surfaces.dicomweb.callers import caller
from safelight.surfaces.dicomweb.models import choose_form, models_answer
from safelight.surfaces.dicomweb.questions import Question, read_question
from safelight.surfaces.dicomweb.work import in_thread

_ADDRESS: Final = "00081190"
_AVAILABLE: Final = {"00080056": {"vr": "CS", "Value": ["ONLINE"]}}
_UIDS: Final = ("0020000D", "0020000E", "00080018")


async def search_studies(request: Request) -> Response:
    """Answer a search of studies."""
    return await _search(
        request,
        Level.STUDY,
        lambda party, asked, at: studies_page(party, asked.query, asked.included, at=at),
    )


async def search_series(request: Request) -> Response:
    """Answer a search of the series of a study, or of all studies."""
    study = request.path_params.get("study", "")
    return await _search(
        request,
        Level.SERIES,
        lambda party, asked, at: series_page(party, study, asked.query, asked.included, at=at),
    )


async def search_instances(request: Request) -> Response:
    """Answer a search of the instances of a series, of a study, or of all studies."""
    names = request.path_params
    study, series = names.get("study", ""), names.get("series", "")
    return await _search(
        request,
        Level.INSTANCE,
        lambda party, asked, at: instance_page(
            party, study, series, asked.query, asked.included, at=at
        ),
    )


async def _search(
    request: Request, level: Level, find: Callable[[Party, Question, datetime], Page]
) -> Response:
    form = choose_form(request)
    question = read_question(request, level)
    at = clock.now()

    def unit() -> tuple[bool, Response]:
        party = caller(request, at=at)
        searched(party, at=at)
        if asks_for_everything(party, request, level, question):
            note_everything(party, level.name.lower(), at=at)
        page = find(party, question, at)
        answers = [_addressed(request, answer) for answer in page.answers]
        return page.more, models_answer(request, answers, form)

    more, response = await in_thread(unit)
    if not response.body:
        response = Response(status_code=204, headers=PRIVATE)
    warnings = list(question.warnings)
    if more:
        root = service_root(request)
        warnings.append(f"299 {root}: There are additional results that can be requested")
    for warning in warnings:
        response.headers.append("Warning", warning)
    return response


def asks_for_everything(party: Party, request: Request, level: Level, question: Question) -> bool:
    """Say whether a program asks, without any key, for what no list of exams needs."""
    if party.token_scopes is None or level is Level.STUDY:
        return False
    return not question.query.keys and "study" not in request.path_params


def _addressed(request: Request, answer: Answer) -> Answer:
    """Say of a result where it stands and that it can be had at once."""
    uids = dict(zip(_UIDS, ("study", "series", ""), strict=True))
    named = []
    for tag, name in uids.items():
        values = answer.get(tag, {}).get("Value")
        if not values and name in request.path_params:
            values = [request.path_params[name]]
            answer[tag] = {"vr": "UI", "Value": values}
        if not values:
            break
        named.append(str(values[0]))
    answer[_ADDRESS] = {"vr": "UR", "Value": [address_of(service_root(request), *named)]}
    answer |= _AVAILABLE
    return dict(sorted(answer.items()))
