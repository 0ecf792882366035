"""What if the machine's clock says an earlier time than the record does?

What had ended must not begin again. A process goes on from the time of the newest entry
until the machine's clock has caught up; more than a day apart, one of the two is wrong, and
somebody has to say which.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

FURTHEST_BEHIND: Final = timedelta(days=1)
_HARDLY: Final = timedelta(seconds=2)


def behind_the_record() -> timedelta:
    """Say how far the machine's clock is behind the newest entry of the record; zero if it is not.

    Differences of up to two seconds are none: entries of several machines may cross.
    """
    from django.conf import settings

    from safelight.kernel import clock

    newest = None if settings.SAFELIGHT_CLOCK_IS_RIGHT else _newest()
    behind = newest - clock.now() if newest is not None else timedelta(0)
    return behind if behind > _HARDLY else timedelta(0)


def hold() -> None:
    """Let this process's time go on from the newest entry of the record."""
    from django.db import DatabaseError

    from safelight.kernel import clock

    try:
        newest = _newest()
    except DatabaseError:
        # Nothing is answered without the database; the record's end was looked at when the
        # family began.
        return
    if newest is not None and newest - clock.now() <= FURTHEST_BEHIND:
        clock.not_before(newest)


def _newest() -> datetime | None:
    from safelight.platform.audit.queries import newest_at

    return newest_at()
