"""How does somebody open an exam in the full viewer?

Three answers for each way in: a page with our own words around a frame, the viewer in that
frame, and its settings. The viewer can ask for this exam, the others of the same patient
that may be seen, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from safelight.exchange.access.bounds import among_patients_exams
from safelight.exchange.access.facts import Party
from safelight.exchange.release.obligations import obligations_on
from safelight.exchange.release.sharing.entries import guest
from safelight.exchange.release.viewing.overview import ExamDetail, ExamSummary, exam, exams
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, NotFoundError
from safelight.kernel.ids import from_text, to_text
from safelight.surfaces.web.callers import party_of_request
from safelight.surfaces.web.recipients import GUEST_COOKIE, ended_page
from safelight.surfaces.web.workplace.asked import settings_script
from safelight.surfaces.web.workplace.build import FRAME_POLICY, VIEWER_POLICY, build

_SIDE_BY_SIDE: Final = "@ohif/hpCompare"
_PLANES: Final = "mpr"


@dataclass(frozen=True, slots=True)
class _Way:
    """By which address the exam was opened."""

    base: str
    root: str
    light: str
    back: str


def _own(exam_id: str) -> _Way:
    own = f"/exams/{exam_id}"
    return _Way(f"{own}/workplace", f"/dicomweb{own}", f"{own}/view/", f"{own}/")


def _shared(share_id: str, exam_id: str) -> _Way:
    own = f"/s/{share_id}/exams/{exam_id}"
    back = f"/s/{share_id}/exams/"
    return _Way(f"{own}/workplace", f"/dicomweb/shares/{share_id}", f"{own}/view/", back)


@require_GET
@login_required
def page(request: HttpRequest, exam_id: str) -> HttpResponse:
    """Show the frame around the full viewer; one of the care team says why first."""
    party, at = party_of_request(request), clock.now()
    detail = exam(party, from_text(exam_id), at=at)
    return _page(request, _own(exam_id), party, detail, _priors(party, detail, at), at)


@require_GET
@login_required
def viewer(request: HttpRequest, exam_id: str) -> HttpResponse:
    """Show the viewer itself, in its frame."""
    exam(party_of_request(request), from_text(exam_id), at=clock.now())
    return _viewer(request, _own(exam_id))


@require_GET
@login_required
def settings(request: HttpRequest, exam_id: str) -> HttpResponse:
    """Tell the viewer where the exam is."""
    exam(party_of_request(request), from_text(exam_id), at=clock.now())
    return _settings(_own(exam_id))


@require_GET
def shared_page(request: HttpRequest, share_id: str, exam_id: str) -> HttpResponse:
    """Show the frame around the full viewer to the person a share names."""
    at = clock.now()
    try:
        party, detail = _opened(request, share_id, exam_id, at)
    except NotFoundError:
        return redirect("share-open", share_id)
    except ExpectedError as ended:
        return ended_page(request, ended)
    return _page(request, _shared(share_id, exam_id), party, detail, [], at)


@require_GET
def shared_viewer(request: HttpRequest, share_id: str, exam_id: str) -> HttpResponse:
    """Show the viewer itself, in its frame, to the person a share names."""
    _opened(request, share_id, exam_id, clock.now())
    return _viewer(request, _shared(share_id, exam_id))


@require_GET
def shared_settings(request: HttpRequest, share_id: str, exam_id: str) -> HttpResponse:
    """Tell the viewer where the shared exam is."""
    _opened(request, share_id, exam_id, clock.now())
    return _settings(_shared(share_id, exam_id))


def _opened(
    request: HttpRequest, share_id: str, exam_id: str, at: datetime
) -> tuple[Party, ExamDetail]:
    party = guest(from_text(share_id), request.COOKIES.get(GUEST_COOKIE, ""), at=at)
    return party, exam(party, from_text(exam_id), at=at)


def _priors(party: Party, detail: ExamDetail, at: datetime) -> list[ExamSummary]:
    """Return the patient's other exams that can be put beside this one, newest first."""
    study_id = detail.summary.study_id
    others = exams(among_patients_exams(party, study_id), at=at)
    return [
        each
        for each in others
        if each.study_id != study_id and not each.asks_why and each.front is not None
    ]


def _page(
    request: HttpRequest,
    way: _Way,
    party: Party,
    detail: ExamDetail,
    priors: list[ExamSummary],
    at: datetime,
) -> HttpResponse:
    wanted = request.GET.get("beside", "")
    beside = next((each for each in priors if to_text(each.study_id) == wanted), None)
    asked = {"StudyInstanceUIDs": detail.summary.study_uid}
    if beside is not None:
        asked["StudyInstanceUIDs"] += f",{beside.study_uid}"
        asked["hangingProtocolId"] = _SIDE_BY_SIDE
    elif "planes" in request.GET:
        asked["hangingProtocolId"] = _PLANES
    context = {
        "exam": detail,
        "viewer": f"{way.base}/viewer?{urlencode(asked)}",
        "light": way.light,
        "back": way.back,
        "priors": priors,
        "beside": beside,
        "bound": obligations_on(party, detail.summary.study_id, at=at),
    }
    response = render(request, "workplace/frame.html", context)
    response["Content-Security-Policy"] = FRAME_POLICY
    return response


def _viewer(request: HttpRequest, way: _Way) -> HttpResponse:
    made = build()
    context = {
        "settings": f"{way.base}/settings.js",
        "begin": made.address("begin.js"),
        "script": made.address(made.script),
        "style": made.address(made.style),
    }
    response = render(request, "workplace/viewer.html", context)
    response["Content-Security-Policy"] = VIEWER_POLICY
    return response


def _settings(way: _Way) -> HttpResponse:
    script = settings_script(base=way.base, root=way.root)
    return HttpResponse(script, content_type="text/javascript; charset=utf-8")
