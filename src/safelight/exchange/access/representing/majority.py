"""When is a young person of age, and when is that said beforehand?

Pure rules. A parent's authority ends with the first second (UTC) of the birthday
that the jurisdiction names; 18 years where nothing else is known.
"""

from __future__ import annotations

from collections.abc import Iterable
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
NOTICE_DAYS: Final = (90, 30)


def age_of_majority(jurisdiction: str) -> int:
    """Return the years after which somebody decides alone; `jurisdiction` as "US-AL" or "DE"."""
    code = jurisdiction.strip().upper()
    return AGES.get(code, AGES.get(code.partition("-")[0], DEFAULT_AGE))


def majority_at(born_on: date, jurisdiction: str) -> datetime:
    """Return the moment from which somebody born then is of age."""
    year = born_on.year + age_of_majority(jurisdiction)
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
