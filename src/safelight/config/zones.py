"""In which time zone does the house live whose instance this is?"""

from __future__ import annotations

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured


def zone_said(name: str) -> tzinfo:
    """Return the time zone of that name, e.g. "Europe/Vienna".

    Raises:
        ImproperlyConfigured: this machine knows none of that name.
    """
    if name == "UTC":
        return UTC  # known where the machine has no table of zones, too
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ImproperlyConfigured(
            f"time_zone: write a name such as Europe/Vienna, not {name!r}"
        ) from error
