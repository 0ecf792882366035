"""The page of an exam's reports, and the papers among them, handed over as they came."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from safelight.exchange.access.facts import Party
from safelight.exchange.release.obligations import obligations_on
from safelight.exchange.release.reports.drafting import may_report
from safelight.exchange.release.reports.listing import report_chains
from safelight.exchange.release.sharing.entries import guest
from safelight.exchange.release.viewing.documents import Document
from safelight.exchange.release.viewing.overview import exam
from safelight.exchange.release.viewing.reports import paper_in
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, NotFoundError
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request
from safelight.surfaces.web.recipients import GUEST_COOKIE, ended_page

_PDF: Final = "application/pdf"


@require_GET
@login_required
def page(request: HttpRequest, exam_id: str) -> HttpResponseBase:
    """Show what the reports of an exam say, or hand over one; the care team says why first."""
    party, at = party_of_request(request), clock.now()
    if named := request.GET.get("paper"):
        return _sent(paper_in(party, from_text(exam_id), from_text(named), at=at))
    return _page(request, party, exam_id, f"/exams/{exam_id}/", at)


@require_GET
def shared_page(request: HttpRequest, share_id: str, exam_id: str) -> HttpResponseBase:
    """Show the reports of a shared exam that the consent names, or hand over one."""
    at = clock.now()
    try:
        party = guest(from_text(share_id), request.COOKIES.get(GUEST_COOKIE, ""), at=at)
        if named := request.GET.get("paper"):
            return _sent(paper_in(party, from_text(exam_id), from_text(named), at=at))
        return _page(request, party, exam_id, f"/s/{share_id}/exams/", at)
    except NotFoundError:
        return redirect("share-open", share_id)
    except ExpectedError as ended:
        return ended_page(request, ended)


def _page(
    request: HttpRequest, party: Party, exam_id: str, back: str, at: datetime
) -> HttpResponse:
    detail = exam(party, from_text(exam_id), at=at)
    context = {
        "exam": detail,
        "chains": report_chains(party, detail.summary, at=at),
        "papers": request.path,
        "may_report": may_report(party, detail.summary.study_id, at=at),
        "back": back,
        "bound": obligations_on(party, detail.summary.study_id, at=at),
    }
    return render(request, "reports.html", context)


def _sent(held: Document) -> StreamingHttpResponse:
    """Send a PDF to the browser's own reader; anything else is saved and never opened here."""
    is_pdf = held.media_type == _PDF
    response = StreamingHttpResponse(
        held.pieces, content_type=_PDF if is_pdf else "application/octet-stream"
    )
    response["Content-Length"] = held.size
    way = 'inline; filename="report.pdf"' if is_pdf else 'attachment; filename="report.xml"'
    response["Content-Disposition"] = way
    return response
