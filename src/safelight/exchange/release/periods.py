"""From when until when is something asked for?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from django.db.models import Q

from safelight.kernel.errors import InvalidFieldError

YEARS_BACK: Final = 6
_LEAP_DAY: Final = (2, 29)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Moments from `since` on and before `before`; None leaves that side open."""

    since: datetime | None = None
    before: datetime | None = None

    def of(self, column: str) -> Q:
        """Return the condition that a column lies within."""
        found = Q()
        if self.since is not None:
            found &= Q(**{f"{column}__gte": self.since})
        if self.before is not None:
            found &= Q(**{f"{column}__lt": self.before})
        return found

    def holds(self, moment: datetime) -> bool:
        """Say whether a moment lies within."""
        after_start = self.since is None or moment >= self.since
        return after_start and (self.before is None or moment < self.before)


ALWAYS: Final = Period()


def period_of_days(first: str, last: str) -> Period:
    """Read a period from two days (UTC, ISO); the last one belongs to it. Empty is open.

    Raises:
        InvalidFieldError: a day is none, or the last comes before the first.
    """
    since, until = _midnight(first, "since"), _midnight(last, "until")
    if since is not None and until is not None and until < since:
        raise InvalidFieldError("until", "The last day comes before the first.")
    return Period(since=since, before=until + timedelta(days=1) if until is not None else None)


def years_back(at: datetime, years: int = YEARS_BACK) -> datetime:
    """Return the moment so many years before; a leap day becomes the day before it."""
    day = at - timedelta(days=1) if (at.month, at.day) == _LEAP_DAY else at
    return day.replace(year=day.year - years)


def _midnight(day: str, name: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(day).date() if day else None
        return datetime.combine(read, time(), UTC) if read is not None else None
    except (ValueError, OverflowError):
        raise InvalidFieldError(name, "Give the day as a date.") from None
