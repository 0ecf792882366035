"""What does the viewer need to know of an exam before it asks for pictures?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from safelight.exchange.release.viewing.overview import ExamSummary, SeriesSummary
from safelight.kernel.ids import to_text


def viewer_data(
    summary: ExamSummary,
    *,
    root: str,
    series_uid: str = "",
    others: Sequence[ExamSummary] = (),
    is_guest: bool = False,
) -> dict[str, Any]:
    """Return the viewer's data block (see frontend/README.md): no names, only what is shown.

    `series_uid` may also be our own id of the series: pages write that one into addresses,
    where a browser's history keeps it.
    """
    shown = [each for each in summary.series if each.has_pixels]
    front = summary.front
    wanted = (each for each in shown if series_uid in {each.series_uid, to_text(each.series_id)})
    chosen = next(wanted, front)
    return {
        "root": root,
        "study": summary.study_uid,
        "title": summary.title,
        "date": summary.on.isoformat() if summary.on else "",
        "series": [_series(root, summary, each) for each in shown],
        "series_uid": chosen.series_uid if chosen else "",
        "first": _rendered(root, summary, chosen) if chosen else "",
        "compare_with": [
            {
                "study": other.study_uid,
                "series": other.front.series_uid,
                "label": other.title,
                "date": other.on.isoformat() if other.on else "",
            }
            for other in others
            if other.front is not None and other.front.modality == (chosen and chosen.modality)
        ],
        "can_download": False,
        "ended_url": "/account/sign-in/" if not is_guest else "",
    }


def _series(root: str, summary: ExamSummary, series: SeriesSummary) -> dict[str, Any]:
    return {
        "uid": series.series_uid,
        "id": to_text(series.series_id),
        "label": series.title,
        "count": series.pictures,
        "modality": series.modality,
        "thumb": f"{root}/studies/{summary.study_uid}/series/{series.series_uid}/thumbnail",
        "first": _rendered(root, summary, series),
    }


def _rendered(root: str, summary: ExamSummary, series: SeriesSummary) -> str:
    return (
        f"{root}/studies/{summary.study_uid}/series/{series.series_uid}"
        f"/instances/{series.middle_instance_uid}/frames/{series.middle_frame}/rendered"
    )
