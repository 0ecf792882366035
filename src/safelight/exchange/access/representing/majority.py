"""When is a young person of age, and when is that said beforehand?

Pure rules. A parent's authority ends with the first second (UTC) of the birthday
that the jurisdiction names; 18 years where nothing else is known. An instance can
say otherwise (`ages_of_majority` in its settings), for what is verified from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

DEFAULT_AGE: Final = 18
# Where it is another age than 18, by ISO 3166 code of the country or its part.
AGES: Final = {
    "CA-BC": 19,
    "CA-NB": 19,
    "CA-NL": 19,
    "CA-NS": 19,
    "KR": 19,
    "NZ": 20,
    "SG": 21,
    "TH": 20,
    "US-AL": 19,
    "US-MS": 21,
    "US-NE": 19,
}
ELSEWHERE: Final = "*"
NOTHING_SAID: Final[Mapping[str, int]] = {}
_YOUNGEST, _OLDEST = 14, 25
NOTICE_DAYS: Final = (90, 30)


def ages_said(text: str) -> dict[str, int]:
    """Read what an instance says: "GB-SCT=16, US-AL=19, *=18"; "*" is everywhere else.

    Raises:
        ValueError: it is not of that form, or an age is none at which anybody comes of age.
    """
    said = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        place, _, years = (each.strip() for each in part.partition("="))
        if not place or not years.isdigit() or not _YOUNGEST <= int(years) <= _OLDEST:
            message = f"ages_of_majority: write US-AL=19 and the like, not {part!r}"
            raise ValueError(message)
        said[place.upper()] = int(years)
    return said


def age_of_majority(jurisdiction: str, said: Mapping[str, int] = NOTHING_SAID) -> int:
    """Return the years after which somebody decides alone; `jurisdiction` as "US-AL" or "DE".

    `said` is what the instance says, which goes before what is known here.
    """
    ages = {ELSEWHERE: DEFAULT_AGE, **AGES, **said}
    code = jurisdiction.strip().upper()
    places = (code, code.partition("-")[0], ELSEWHERE)
    return next(ages[place] for place in places if place in ages)


def majority_at(
    born_on: date, jurisdiction: str, said: Mapping[str, int] = NOTHING_SAID
) -> datetime:
    """Return the moment from which somebody born then is of age."""
    year = born_on.year + age_of_majority(jurisdiction, said)
    try:
        birthday = born_on.replace(year=year)
    except ValueError:  # born on 29 February
        birthday = date(year, 3, 1)
    return datetime.combine(birthday, time(), UTC)


def earliest(births: Iterable[date]) -> date | None:
    """Return the birth date to go by where several are on record: nobody acts too long."""
    return min(births, default=None)


def notices_due(ends_at: datetime, *, at: datetime) -> int:
    """Return how many of the notices before the end should have been sent by `at`."""
    return sum(at >= ends_at - timedelta(days=days) for days in NOTICE_DAYS)
