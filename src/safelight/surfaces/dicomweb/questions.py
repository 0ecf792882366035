"""What does the query string of a search ask? (PS3.18 8.3.4)"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from safelight.dicom.elements.vrs import SEQUENCE, dictionary_vr
from safelight.dicom.registry.dictionary import tag_of
from safelight.dicom.search.levels import Level
from safelight.dicom.search.matching import Key
from safelight.exchange.release.viewing.included import Included
from safelight.exchange.release.viewing.search import Query
from safelight.exchange.release.viewing.search_keys import is_matched
from safelight.surfaces.dicomweb.addresses import service_root
from safelight.surfaces.dicomweb.refusals import BadParameterError

DEFAULT_LIMIT: Final = 100
HIGHEST_LIMIT: Final = 5000
_FLAGS: Final = ("fuzzymatching", "emptyvaluematching", "multiplevaluematching")
_NOT_KEYS: Final = frozenset({*_FLAGS, "limit", "offset", "includefield", "accept", "charset"})
_TAG: Final = re.compile(r"[0-9a-fA-F]{8}")
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_DEEPEST: Final = 8
_LONGEST: Final = 4096


@dataclass(frozen=True, slots=True)
class Question:
    """What is searched, what else is to be told, and what the caller is warned of."""

    query: Query
    included: Included
    warnings: tuple[str, ...]


def read_question(request: Request, level: Level) -> Question:
    """Read the query string of a search of one level.

    Raises:
        BadParameterError: it names what does not exist or cannot be searched.
    """
    keys, universal = [], set()
    given = request.query_params.multi_items()
    for name, count in Counter(name for name, _ in given).items():
        if count > 1 and name not in {"includefield", "accept"}:
            raise BadParameterError("query", "Each attribute and parameter can be given once.")
    for name, value in given:
        if name in _NOT_KEYS:
            continue
        key = Key(_path(name), value)
        if len(value) > _LONGEST:
            raise BadParameterError("query", "A value to match is longer than 4096 characters.")
        if not value:
            universal.add(key.path[0])
        elif is_matched(key, level):
            keys.append(key)
        else:
            raise BadParameterError("query", f"{name} cannot be matched at this level.")
    query = Query(
        keys=tuple(keys),
        fuzzy=_flag(request, "fuzzymatching"),
        limit=min(_number(request, "limit", DEFAULT_LIMIT), HIGHEST_LIMIT),
        offset=_number(request, "offset", 0),
    )
    return Question(query, _included(request, universal, keys), _warnings(request))


def _included(request: Request, universal: set[str], keys: list[Key]) -> Included:
    """Read what else is wanted; what is matched by is told as well (PS3.18 10.6.3.3)."""
    values = request.query_params.getlist("includefield")
    names = [name.strip() for value in values for name in value.split(",") if name.strip()]
    tags = {_path(name)[0] for name in names if name != "all"}
    return Included("all" in names, frozenset(tags | universal | {key.path[0] for key in keys}))


def _warnings(request: Request) -> tuple[str, ...]:
    unsupported = [name for name in _FLAGS[1:] if _flag(request, name)]
    root = service_root(request)
    return tuple(
        f"299 {root}: The {name} parameter is not supported. {_WORDS[name]} Matching has not "
        "been performed."
        for name in unsupported
    )


_WORDS: Final = {"emptyvaluematching": "Empty Value", "multiplevaluematching": "Multiple Value"}


def _path(name: str) -> tuple[str, ...]:
    """Return the tags, as 8 hex digits, of a path of tags and keywords."""
    tags = tuple(_tag(part) for part in name.split("."))
    if len(tags) > _DEEPEST:
        raise BadParameterError("query", "A path of attributes is too deep.")
    for sequence in tags[:-1]:
        if dictionary_vr(int(sequence, 16)) not in {SEQUENCE, None}:
            raise BadParameterError("query", "A path of attributes leads through no sequence.")
    return tags


def _tag(name: str) -> str:
    if _TAG.fullmatch(name):
        return name.upper()
    number = tag_of(name) if name else None
    if number is None:
        raise BadParameterError("query", "The query names an attribute that does not exist.")
    return f"{number:08X}"


def _flag(request: Request, name: str) -> bool:
    value = request.query_params.get(name, "false").lower()
    if value not in {"true", "false"}:
        raise BadParameterError(name, f"{name} is true or false.")
    return value == "true"


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not _NUMBER.fullmatch(text):
        raise BadParameterError(name, f"{name} must be a whole number.")
    return int(text)
