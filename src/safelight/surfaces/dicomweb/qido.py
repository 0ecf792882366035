"""QIDO-RS: what is there that I may see? (PS3.18 10.6)"""

from __future__ import annotations

import re
from typing import Any, Final

import orjson
from pydicom.datadict import tag_for_keyword
from starlette.requests import Request
from starlette.responses import Response

from safelight.dicom.matching import Key
from safelight.exchange.access.facts import Party
from safelight.exchange.release.viewing.search import (
    Query,
    search_instances,
    search_series,
    search_studies,
)
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError
from safelight.surfaces.dicomweb.accept import choose
from safelight.surfaces.dicomweb.addresses import address_of, service_root
from safelight.surfaces.dicomweb.callers import caller
from safelight.surfaces.dicomweb.work import in_thread

_JSON: Final = "application/dicom+json"
_NOT_KEYS: Final = frozenset({"limit", "offset", "fuzzymatching", "includefield", "accept"})
_TAG: Final = re.compile(r"[0-9a-fA-F]{8}")
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_DEFAULT_LIMIT: Final = 100
_HIGHEST_LIMIT: Final = 5000


async def search(request: Request) -> Response:
    """Answer a search at study, series or instance level."""
    choose(request, [_JSON, "application/json"])
    query = read_query(request)
    at = clock.now()

    def find() -> list[dict[str, Any]]:
        return _answers(caller(request, at=at), request, query)

    answers = await in_thread(find)
    headers = {"Cache-Control": "private, no-store"}
    if not answers:
        return Response(status_code=204, headers=headers)
    root = service_root(request)
    for answer in answers:
        answer["00081190"] = {"vr": "UR", "Value": [_address(root, answer)]}
    return Response(orjson.dumps(answers), headers=headers, media_type=_JSON)


def read_query(request: Request) -> Query:
    """Read the matching keys and the page of a search.

    Raises:
        InvalidFieldError: it names what cannot be understood.
    """
    keys = []
    for name, value in request.query_params.multi_items():
        if name not in _NOT_KEYS:
            keys.append(Key(tuple(_tag(part) for part in name.split(".")), value))
    return Query(
        keys=tuple(keys),
        fuzzy=request.query_params.get("fuzzymatching", "false").lower() == "true",
        limit=min(_number(request, "limit", _DEFAULT_LIMIT), _HIGHEST_LIMIT),
        offset=_number(request, "offset", 0),
    )


def _answers(party: Party, request: Request, query: Query) -> list[dict[str, Any]]:
    names, at = request.path_params, clock.now()
    level = request.url.path.rstrip("/").rpartition("/")[2]
    if level == "studies":
        return [hit.answer for hit in search_studies(party, query, at=at)]
    if level == "series":
        _, answers = search_series(party, names["study"], query, at=at)
    else:
        _, answers = search_instances(party, names["study"], names.get("series", ""), query, at=at)
    for answer in answers:
        answer.setdefault("0020000D", {"vr": "UI", "Value": [names["study"]]})
    return answers


def _tag(name: str) -> str:
    """Return a tag as 8 hex digits, from digits or a keyword of the dictionary."""
    if _TAG.fullmatch(name):
        return name.upper()
    number = tag_for_keyword(name) if name else None
    if number is None:
        raise InvalidFieldError("query", "The query names an attribute that does not exist.")
    return f"{number:08X}"


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not _NUMBER.fullmatch(text):
        raise InvalidFieldError(name, f"{name} must be a whole number.")
    return int(text)


def _address(root: str, answer: dict[str, Any]) -> str:
    uids = []
    for tag in ("0020000D", "0020000E", "00080018"):
        values = answer.get(tag, {}).get("Value")
        if not values:
            break
        uids.append(str(values[0]))
    return address_of(root, *uids)
