"""What does somebody look for among resources, and what is a page of what was found?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final, NamedTuple, TypeVar

from safelight.exchange.release.errors import TooBroadError
from safelight.exchange.release.periods import ALWAYS, Period

Resource = dict[str, Any]
_T = TypeVar("_T")
MOST_OPENED: Final = 2_000
"""So many studies are opened for one answer at most."""


class Identifier(NamedTuple):
    """A value, and the system it must be of; None where any will do."""

    system: str | None
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What is looked for, by the names of FHIR's search parameters, and which page of it.

    Ids are as they stand in addresses. Days are periods of whole days, in UTC.
    """

    ids: tuple[str, ...] = ()
    patient: str = ""
    study: str = ""
    identifier: Identifier | None = None
    name: str = ""
    modality: str = ""
    status: tuple[str, ...] = ()
    birthdate: Period = ALWAYS
    started: Period = ALWAYS
    updated: Period = ALWAYS
    recorded: Period = ALWAYS
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Some resources, and whether more are left."""

    resources: tuple[Resource, ...]
    more: bool


def page_of(found: Iterable[_T], sought: Sought) -> tuple[list[_T], bool]:
    """Take the wanted page off what is found, and say whether more is left."""
    rest = islice(found, sought.offset, None)
    page = list(islice(rest, sought.limit))
    return page, len(page) == sought.limit and next(rest, None) is not None


def bounded(found: Iterable[_T]) -> Iterator[_T]:
    """Pass on what is found until it is too much for one answer.

    Raises:
        TooBroadError: it is.
    """
    for number, each in enumerate(found):
        if number >= MOST_OPENED:
            raise TooBroadError
        yield each


def midnight(day: Any) -> datetime:  # noqa: ANN401 (a date, or a moment of which the day counts)
    """Return the first moment of a day in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
