"""When is something due, and how far can it be moved? Pure: no clock is read here."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from safelight.governance.deadlines.clocks import Clock, Length, Unit

_A_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
_EXACT: Final = {
    Unit.SECONDS: timedelta(seconds=1),
    Unit.MINUTES: timedelta(minutes=1),
    Unit.HOURS: timedelta(hours=1),
    Unit.EXACT_DAYS: _A_DAY,
}


@dataclass(frozen=True, slots=True)
class Calendar:
    """Where the house's days begin, and on which of them it does not work beside weekends."""

    zone: tzinfo = UTC
    closed: frozenset[date] = frozenset()

    def works_on(self, day: date) -> bool:
        """Say whether this is a working day."""
        return day.weekday() < _SATURDAY and day not in self.closed


def due(started: datetime, length: Length, calendar: Calendar) -> datetime:
    """Return the first instant at which it is too late.

    The day on which it began does not count (Regulation 1182/71, article 3), and the last one
    counts whole, in the house's time zone. A month without that day ends with its last day.
    No end is put off because of a holiday: that is the stricter reading of both laws.
    """
    if length.unit in _EXACT:
        return started + length.count * _EXACT[length.unit]
    first = started.astimezone(calendar.zone).date()
    last = _last_day(first, length, calendar)
    after = datetime.combine(last + _A_DAY, time(), tzinfo=calendar.zone)
    return after.astimezone(UTC)


def _last_day(first: date, length: Length, calendar: Calendar) -> date:
    if length.unit is Unit.DAYS:
        return first + length.count * _A_DAY
    if length.unit is Unit.MONTHS:
        years, month = divmod(first.month - 1 + length.count, 12)
        year, month = first.year + years, month + 1
        return date(year, month, min(first.day, monthrange(year, month)[1]))
    left = length.count
    while left:
        first += _A_DAY
        left -= calendar.works_on(first)
    return first


def strictest(clocks: Iterable[Clock], started: datetime, calendar: Calendar) -> Clock:
    """Return, of several clocks, the one that is due first."""
    return min(clocks, key=lambda each: (due(started, each.length, calendar), each.name))


def longest(clocks: Iterable[Clock], started: datetime, calendar: Calendar) -> datetime | None:
    """Return how far all of these clocks let it be extended; None if one of them does not."""
    ends = []
    for each in clocks:
        if each.extension is None:
            return None
        ends.append(_extended(each, started, each.extension, calendar))
    return min(ends)


def _extended(clock: Clock, started: datetime, extension: Length, calendar: Calendar) -> datetime:
    if clock.length.unit is extension.unit:
        whole = Length(clock.length.count + extension.count, extension.unit)
        return due(started, whole, calendar)
    return due(due(started, clock.length, calendar) - _A_DAY, extension, calendar)


def is_over(ends: datetime, at: datetime) -> bool:
    """Say whether it is too late. The last instant before the end is in time."""
    return at >= ends


def moments(clock: Clock, ends: datetime) -> list[datetime]:
    """Return when somebody is reminded, in order; the end itself, when it is missed, is last."""
    return sorted({ends - days * _A_DAY for days in clock.reminders} | {ends})
