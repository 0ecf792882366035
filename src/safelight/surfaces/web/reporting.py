"""The page on which a clinician writes a report of an exam, or adds to one, and signs it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from safelight.exchange.access.facts import Party
from safelight.exchange.release.errors import TermsNotFitError
from safelight.exchange.release.reports.content import content_of
from safelight.exchange.release.reports.drafting import (
    LARGEST_PAPER,
    LONGEST,
    LONGEST_TITLE,
    Said,
    discard_draft,
    draft_of,
    exam_to_report,
    write_draft,
)
from safelight.exchange.release.reports.models import WrittenReport
from safelight.exchange.release.reports.signing import ask_to_sign, sign_report
from safelight.exchange.release.viewing.overview import exam
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, NotFoundError
from safelight.kernel.ids import from_text, to_text
from safelight.surfaces.web.account import confirmation
from safelight.surfaces.web.callers import party_of_request

_ACTS: Final = frozenset({"write", "change", "discard", "sign"})


@require_http_methods(["GET", "POST"])
@login_required
def page(request: HttpRequest, exam_id: str) -> HttpResponse:
    """Write, read over and sign a report; until it is signed only its author sees it."""
    party, at = party_of_request(request), clock.now()
    study_id = from_text(exam_id)
    exam_to_report(party, study_id, at=at)
    act = request.POST.get("act", "write")
    error: ExpectedError | None = None
    said, changes = Said(adds_to=_named(request)), False
    if request.method == "POST":
        if act not in _ACTS:
            raise NotFoundError
        try:
            if act == "sign":
                given = confirmation.answer(request, at=at)
                sign_report(party_of_request(request), study_id, given.pk, at=clock.now())
                messages.success(request, _("Signed. It is part of the exam now."))
                return redirect("exam-reports", exam_id)
            if act == "write":
                said = _said(request)
                write_draft(party, study_id, said, at=at)
                return redirect("report-write", exam_id)
            if act == "discard":
                discard_draft(party, study_id)
                return redirect("exam-reports", exam_id)
            changes = True
        except ExpectedError as refused:
            error = refused
    party = party_of_request(request)
    context = _shown(request, party, exam_id, said, error, at, changes=changes)
    return render(request, "report.html", context, status=error.status if error else 200)


def _shown(
    request: HttpRequest,
    party: Party,
    exam_id: str,
    said: Said,
    error: ExpectedError | None,
    at: datetime,
    *,
    changes: bool,
) -> dict[str, Any]:
    study_id = from_text(exam_id)
    row = draft_of(party, study_id)
    faults = error.faults if isinstance(error, TermsNotFitError) else {}
    context = {
        "exam": exam(party, study_id, at=at),
        "faults": faults,
        "error": None if faults else error,
        "said": said,
        "adds_to": to_text(said.adds_to) if said.adds_to else "",
        "longest": LONGEST,
        "longest_title": LONGEST_TITLE,
        "largest": LARGEST_PAPER >> 20,
    }
    if row is None or faults or "afresh" in request.GET or said.adds_to is not None:
        return context
    if changes:
        content = content_of(row)
        kept = row.chain_id if row.number > 1 else None
        draft = Said(title=content.title, words=content.words, adds_to=kept)
        return context | {"said": draft, "adds_to": to_text(kept) if kept else ""}
    return context | _to_sign(request, party, row, error, at)


def _to_sign(
    request: HttpRequest,
    party: Party,
    row: WrittenReport,
    error: ExpectedError | None,
    at: datetime,
) -> dict[str, Any]:
    challenge = ask_to_sign(party, row.study_id, at=at)
    content = content_of(row)
    return {
        "draft": content,
        "addendum": row.number - 1,
        "words": content.paragraphs,
        "confirm": confirmation.around(request, challenge, at=at, error=error),
        "error": None,
    }


def _named(request: HttpRequest) -> UUID | None:
    named = request.POST.get("adds_to") or request.GET.get("adds_to")
    return from_text(named) if named else None


def _said(request: HttpRequest) -> Said:
    paper = request.FILES.get("paper")
    return Said(
        title=request.POST.get("title", ""),
        words=request.POST.get("words", ""),
        adds_to=_named(request),
        paper=paper.read(LARGEST_PAPER + 1) if paper is not None else b"",
    )
