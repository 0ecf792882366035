"""What is done after the acknowledgement?"""

from __future__ import annotations

from uuid import UUID

from safelight.platform.jobs.registry import task
from safelight.records.imaging.models import Instance, Series
from safelight.records.imaging.renditions import series_metadata, series_thumbnail


@task("receive.finish-series")
def finish_series(*, series_id: str) -> None:
    """Make a series' metadata answer and thumbnail, unless they are fresh already."""
    series = Series.objects.filter(pk=UUID(series_id)).first()
    if series is None:
        return
    series_metadata(series)
    series_thumbnail(series, list(Instance.objects.filter(series_id=series.id).order_by("arrival")))
