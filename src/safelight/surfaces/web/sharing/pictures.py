"""Which single pictures or reports of a series are to be shared?

A long series comes in pages; each press keeps the ticks of the page that was shown.
"""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from safelight.exchange.release.picking import picks
from safelight.exchange.release.sharing.drafts import Choices, choose, find_draft
from safelight.exchange.release.viewing.overview import SeriesSummary, exam
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request

_A_PAGE: Final = 60
_RANGE: Final = re.compile(r"(\d{1,6})(?:\s*[-\u2013]\s*(\d{1,6}))?")


@require_http_methods(["GET", "POST"])
@login_required
def pictures_page(request: HttpRequest, draft_id: str, series_id: str) -> HttpResponse:
    """Choose single objects of one series. None is ticked beforehand."""
    party, at = party_of_request(request), clock.now()
    draft, choices = find_draft(party, from_text(draft_id))
    wanted = from_text(series_id)
    for study_id in choices.study_ids:
        detail = exam(party, UUID(study_id), at=at)
        series = _series(detail.summary.series, wanted)
        if series is not None:
            break
    else:
        raise NotFoundError
    found = picks(party, detail.summary.study_id, wanted, at=at)
    start = _start(request, len(found))
    shown = found[start : start + _A_PAGE]
    if request.method == "POST":
        seen = {str(each.instance_id) for each in shown}
        numbers = _numbers(request.POST.get("numbers", ""), len(found))
        ticked = seen & set(request.POST.getlist("object"))
        ticked |= {str(found[number - 1].instance_id) for number in numbers}
        choose(draft, choices, at=at, **_with(choices, wanted, seen, ticked))
        if to := request.POST.get("to", ""):
            here = reverse("share-pictures", args=[draft_id, series_id])
            return redirect(f"{here}?from={to}" if to.isdigit() else here)
        return redirect("share-what", draft_id)
    context = {
        "exam": detail.summary,
        "series": series,
        "shown": shown,
        "total": len(found),
        "first": start + 1,
        "earlier": start - _A_PAGE + 1 if start else 0,
        "later": start + _A_PAGE + 1 if start + _A_PAGE < len(found) else 0,
        "chosen": sum(str(each.instance_id) in choices.instance_ids for each in found),
        "choices": choices,
        "draft_id": draft_id,
    }
    return render(request, "share/pictures.html", context)


def _series(listed: tuple[SeriesSummary, ...], wanted: UUID) -> SeriesSummary | None:
    return next((each for each in listed if each.series_id == wanted), None)


def _with(
    choices: Choices, series_id: UUID, seen: set[str], ticked: set[str]
) -> dict[str, tuple[str, ...]]:
    """Return the changed choices: single objects stand in the place of the whole series."""
    kept = [each for each in choices.instance_ids if each not in seen and each not in ticked]
    whole = choices.series_ids
    if ticked:
        whole = tuple(each for each in whole if each != str(series_id))
    return {"instance_ids": (*kept, *sorted(ticked)), "series_ids": whole}


def _start(request: HttpRequest, total: int) -> int:
    """Return the place of the first object to show, at the start of a page."""
    said = request.GET.get("from", "")
    number = int(said) if said.isascii() and said.isdigit() else 1
    return max(0, min(number, total) - 1) // _A_PAGE * _A_PAGE


def _numbers(text: str, highest: int) -> set[int]:
    """Read "12-20, 44" as numbers of pictures; what does not exist is left out."""
    found: set[int] = set()
    for first, last in _RANGE.findall(text):
        found |= set(range(max(1, int(first)), min(int(last or first), highest) + 1))
    return found
