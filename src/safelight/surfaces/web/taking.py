"""The page on which somebody chooses as what an exam leaves, and the answer that carries it."""

from __future__ import annotations

from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from safelight.exchange.access.link_secrets import new_printed_code
from safelight.exchange.release.viewing.disc import Medium
from safelight.exchange.release.viewing.download import Download
from safelight.exchange.release.viewing.overview import exam
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request

_FILES: Final = {
    Medium.FILES: ("exam.zip", "application/zip"),
    Medium.DISC: ("disc.zip", "application/zip"),
    Medium.SEALED: ("sealed.zip", "application/zip"),
    Medium.IMAGE: ("disc.iso", "application/x-iso9660-image"),
}


@require_GET
@login_required
def disc_page(request: HttpRequest, exam_id: str) -> HttpResponse:
    """Ask whether an exam is to be burned on a disc or copied on a stick."""
    detail = exam(party_of_request(request), from_text(exam_id), at=clock.now())
    if not detail.may_download:
        raise NotFoundError
    return render(request, "disc.html", {"exam": detail, "passphrase": new_printed_code()})


def medium_of(request: HttpRequest) -> Medium:
    """Return as what an exam is asked for; plain files unless it is said."""
    asked = request.POST.get("medium", "")
    return Medium(asked) if asked in set(Medium) else Medium.FILES


def sent(leaving: Download, medium: Medium) -> StreamingHttpResponse:
    """Send a download as the file that it is."""
    name, kind = _FILES[medium]
    response = StreamingHttpResponse(leaving.pieces, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
