"""What is made of a series once it has come in?"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from safelight.kernel import clock
from safelight.platform.jobs.registry import task
from safelight.records.imaging.models import Instance, Series
from safelight.records.imaging.renditions import describe_series, series_thumbnail

# While a series is still coming in, each commit would make all of it anew: a job
# waits a little, and leaves the work to the job of a later commit.
WAIT: Final = timedelta(seconds=2)
_STILL_COMING: Final = timedelta(seconds=1)
# A series that comes object by object has a job a second, not a job an object.
_NOT_AGAIN_FOR: Final = timedelta(seconds=1)
_REMEMBERED_AT_MOST: Final = 4096

_asked_at: dict[UUID, datetime] = {}
_lock = threading.Lock()


def finish_later(series_id: UUID) -> None:
    """Put the finishing of a series into the caller's transaction, unless a job waits for it.

    Should that job miss this commit after all, the answer is made when it is asked for.
    """
    at = clock.now()
    with _lock:
        asked_at = _asked_at.get(series_id)
        if asked_at is not None and asked_at <= at < asked_at + _NOT_AGAIN_FOR:
            return
        if len(_asked_at) >= _REMEMBERED_AT_MOST:
            _asked_at.clear()
        _asked_at[series_id] = at
    finish_series.enqueue(run_after=at + WAIT, series_id=str(series_id))


@task("receive.finish-series")
def finish_series(*, series_id: str) -> None:
    """Make a series' metadata answer and thumbnail, unless they are fresh already."""
    series = Series.objects.filter(pk=UUID(series_id)).first()
    if series is None:
        return
    rows = list(Instance.objects.filter(series_id=series.id).order_by("arrival"))
    if not rows or rows[-1].received_at > clock.now() - _STILL_COMING:
        return
    describe_series(series, thoroughly=True)
    series_thumbnail(series, rows)
