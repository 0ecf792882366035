"""Does a day, a time or a moment lie in the span that a key names? (PS3.4 C.2.2.2.1, C.2.2.2.5)

A value of less precision than a microsecond names a whole span: "1015" is every
moment from 10:15:00 on to 10:15:59.999999. A key fits a value that begins inside the
key's span. Moments with an offset from UTC are compared as moments, others as they stand.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Final, NamedTuple

RANGED: Final = frozenset({"DA", "TM", "DT"})
"""The value representations that a key may ask a range of."""

_DATE: Final = re.compile(r"([0-9]{4})(\.?)([0-9]{2})\2([0-9]{2})")
_TIME: Final = re.compile(r"([0-9]{2})(?::?([0-9]{2})(?::?([0-9]{2})(?:\.([0-9]{1,6}))?)?)?")
_MOMENT: Final = re.compile(
    r"([0-9]{4})(?:([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})"
    r"(?:\.([0-9]{1,6}))?)?)?)?)?)?([+-][0-9]{4})?"
)
_OFFSET: Final = re.compile(r"[+-](?:0[0-9]|1[0-4])[0-5][0-9]$")
_ANY_DAY: Final = ("2000", "01", "01")
_STEPS: Final = {
    3: timedelta(days=1),
    4: timedelta(hours=1),
    5: timedelta(minutes=1),
    6: timedelta(seconds=1),
}
_LAST_SECOND: Final = 59
_MICROS: Final = 6


class Span(NamedTuple):
    """From the first to the last moment; None where there is no end to that side."""

    first: datetime | None
    last: datetime | None


def span_of(vr: str, text: str) -> Span | None:
    """Return the span that one value names, None if it is no such value."""
    text = text.strip()
    if vr == "DA":
        found = _DATE.fullmatch(text)
        return _span(found[1], found[3], found[4]) if found else None
    if vr == "TM":
        found = _TIME.fullmatch(text)
        return _time(*found.groups()) if found else None
    found = _MOMENT.fullmatch(text)
    return _moment(found) if found else None


@lru_cache(maxsize=1024)
def key_span(vr: str, wanted: str) -> Span | None:
    """Return the span that a key asks for: one value, or "first-", "-last", "first-last".

    None where it is neither. A sign in front of the offset from UTC is not the one of a range.
    """
    one = span_of(vr, wanted)
    if one is not None and not (vr == "DT" and _is_open(wanted)):
        return one
    for dash in (match.start() for match in re.finditer("-", wanted)):
        first, last = wanted[:dash], wanted[dash + 1 :]
        begin = span_of(vr, first) if first else Span(None, None)
        end = span_of(vr, last) if last else Span(None, None)
        if begin is not None and end is not None and (first or last):
            return Span(begin.first, end.last)
    return None


def fits(vr: str, value: str, wanted: str) -> bool:
    """Say whether a value lies in the span that a key asks for."""
    asked, named = key_span(vr, wanted), span_of(vr, value)
    if asked is None or named is None or named.first is None:
        return False
    at = named.first
    return (asked.first is None or _as(asked.first, at) <= at) and (
        asked.last is None or at <= _as(asked.last, at)
    )


def _is_open(wanted: str) -> bool:
    """Say of a key that reads as one moment whether its last sign ends a year instead.

    "2020-2021" could be the year 2020 at an offset that no place on earth has.
    """
    return "-" in wanted and _OFFSET.search(wanted) is None


def _as(moment: datetime, like: datetime) -> datetime:
    """Return a moment in the way the other is told: with its offset from UTC, or without."""
    if (moment.tzinfo is None) == (like.tzinfo is None):
        return moment
    if moment.tzinfo is None:
        return moment.replace(tzinfo=like.tzinfo)
    return moment.replace(tzinfo=None)


def _time(hour: str, minute: str | None, second: str | None, fraction: str | None) -> Span | None:
    return _span(*_ANY_DAY, hour, minute, second, fraction)


def _moment(found: re.Match[str]) -> Span | None:
    span = _span(*found.groups()[:7])
    offset = found[8]
    if span is None or span.first is None or span.last is None or offset is None:
        return span
    ahead = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:]))
    try:
        zone = timezone(-ahead if offset[0] == "-" else ahead)
    except ValueError:
        return None
    return Span(span.first.replace(tzinfo=zone), span.last.replace(tzinfo=zone))


def _span(
    year: str,
    month: str | None = None,
    day: str | None = None,
    hour: str | None = None,
    minute: str | None = None,
    second: str | None = None,
    fraction: str | None = None,
) -> Span | None:
    # A leap second is held back by one.
    clock = int(hour or 0), int(minute or 0), min(int(second or 0), _LAST_SECOND)
    micros = int((fraction or "").ljust(_MICROS, "0"))
    try:
        first = datetime(int(year), int(month or 1), int(day or 1), *clock, micros)  # noqa: DTZ001
    except ValueError:
        return None
    if fraction:
        return Span(first, first + timedelta(microseconds=10 ** (_MICROS - len(fraction)) - 1))
    told = sum(part is not None for part in (year, month, day, hour, minute, second))
    return Span(first, _next(first, told) - timedelta(microseconds=1))


def _next(first: datetime, precision: int) -> datetime:
    """Return when the year, month, day, hour, minute or second after this one begins."""
    try:
        if precision == 1:
            return first.replace(year=first.year + 1)
        if precision == 2:  # noqa: PLR2004 (year and month)
            return (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        return first + _STEPS[precision]
    except (OverflowError, ValueError):
        return datetime.max  # noqa: DTZ901 (as it stands)
