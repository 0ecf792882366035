"""What is made of a series once it has come in?"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from safelight.kernel import clock
from safelight.platform.jobs.registry import task
from safelight.records.imaging.models import Instance, Series
from safelight.records.imaging.renditions import series_metadata, series_thumbnail

# While a series is still coming in, each commit would make all of it anew: a job
# waits a little, and leaves the work to the job of a later commit.
WAIT: Final = timedelta(seconds=2)
_STILL_COMING: Final = timedelta(seconds=1)


@task("receive.finish-series")
def finish_series(*, series_id: str) -> None:
    """Make a series' metadata answer and thumbnail, unless they are fresh already."""
    series = Series.objects.filter(pk=UUID(series_id)).first()
    if series is None:
        return
    rows = list(Instance.objects.filter(series_id=series.id).order_by("arrival"))
    if not rows or rows[-1].received_at > clock.now() - _STILL_COMING:
        return
    series_metadata(series)
    series_thumbnail(series, rows)
