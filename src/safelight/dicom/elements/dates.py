"""Which day or time does a value name? (PS3.5 section 6.2)"""

from __future__ import annotations

import re
from datetime import date, time
from typing import Final

_DATE: Final = re.compile(r"([0-9]{4})([.]?)([0-9]{2})\2([0-9]{2})")
_TIME: Final = re.compile(r"([0-9]{2})(?::?([0-9]{2})(?::?([0-9]{2})(?:[.]([0-9]{1,6}))?)?)?")


def parse_date(text: str) -> date | None:
    """Return the day of a DA value, None if it names none. The old dotted form is read too."""
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[3]), int(found[4]))
    except ValueError:
        return None


def parse_time(text: str) -> time | None:
    """Return the time of a TM value, None if it names none. A leap second is held back by one."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute, second, fraction = found.groups()
    seconds = min(int(second or 0), 59)
    try:
        return time(int(hour), int(minute or 0), seconds, int((fraction or "0").ljust(6, "0")))
    except ValueError:
        return None


def write_date(day: date) -> str:
    """Return a day as a DA value."""
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"
