"""The pages by which two of a desk record what a patient signed on paper, who can read it too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from safelight.exchange.access.facts import Party
from safelight.exchange.consent.paper import OLDEST, OPEN, KnownBy
from safelight.exchange.consent.terms import DEFAULT_TERM, LONGEST_TERM, Purpose, RecipientKind
from safelight.exchange.release.errors import TermsNotFitError
from safelight.exchange.release.on_paper.comparing import (
    ask_to_confirm,
    confirm_first,
    confirm_second,
    end_for_patient,
    may_confirm,
    refuse_paper,
)
from safelight.exchange.release.on_paper.content import content_of
from safelight.exchange.release.on_paper.models import SignedPaper
from safelight.exchange.release.on_paper.reading import (
    is_at_desk,
    open_paper,
    paper_for,
    papers_for,
    scan_of,
    state_of,
)
from safelight.exchange.release.on_paper.recording import (
    LARGEST_SCAN,
    Said,
    marks_on,
    may_record,
    record_paper,
)
from safelight.exchange.release.people import name_of
from safelight.exchange.release.viewing.overview import exam
from safelight.governance.compliance.queries import current_statement
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, NotFoundError
from safelight.kernel.ids import from_text, to_text
from safelight.surfaces.web.account import confirmation
from safelight.surfaces.web.callers import party_of_request

_TEXTS: Final = (
    *("patient", "name", "address", "kind", "purpose", "purpose_words", "ends_on"),
    *("signed_on", "seen_by", "seen_as", "known_by"),
)
_FIELDS: Final = {"ends": "ends_on", "items": "series"}


@require_GET
@login_required
def list_page(request: HttpRequest) -> HttpResponse:
    """List the papers of this desk, or about this person, with where each stands."""
    party, at = party_of_request(request), clock.now()
    lines = [_line(party, row, at) for row in papers_for(party, at=at)]
    context = {
        "waiting": [line for line in lines if line["state"] in OPEN],
        "others": [line for line in lines if line["state"] not in OPEN],
        "at_a_desk": bool(party.desks),
    }
    return render(request, "papers/list.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def record_page(request: HttpRequest, exam_id: str) -> HttpResponse:
    """Say what stands on a paper, and add its scan; nothing is agreed by this."""
    party, at = party_of_request(request), clock.now()
    study_id = from_text(exam_id)
    if not may_record(party, study_id, at=at):
        raise NotFoundError
    said, faults = Said(), {}
    if request.method == "POST":
        said = _said(request)
        number = str(current_statement(at=at).number)
        try:
            paper_id = record_paper(party, study_id, said, statement_version=number, at=at)
        except TermsNotFitError as unfit:
            faults = {_FIELDS.get(name, name): why for name, why in unfit.faults.items()}
        else:
            return redirect("paper", to_text(paper_id))
    context = {
        "said": said,
        "faults": faults,
        "exam": exam(party, study_id, at=at),
        "marked": marks_on(party, study_id, at=at),
        "kinds": [kind for kind in RecipientKind if kind is not RecipientKind.OWN_ADDRESS],
        "purposes": list(Purpose),
        "known_by": list(KnownBy),
        "today": at.date(),
        "oldest": (at - OLDEST).date(),
        "default_end": (at + DEFAULT_TERM).date(),
        "latest_end": (at + LONGEST_TERM - timedelta(days=1)).date(),
    }
    return render(request, "papers/record.html", context, status=422 if faults else 200)


@require_http_methods(["GET", "POST"])
@login_required
def paper_page(request: HttpRequest, paper_id: str) -> HttpResponse:
    """Show one paper with its words; confirm it in turn, refuse it, or end what came of it."""
    party, at = party_of_request(request), clock.now()
    row = paper_for(party, from_text(paper_id))
    error: ExpectedError | None = None
    passphrase = ""
    if request.method == "POST":
        act = _ACTS.get(request.POST.get("act", "confirm"))
        if act is None:
            raise NotFoundError
        try:
            passphrase = act(request, row, at)
        except ExpectedError as refused:
            error = refused
        else:
            if not passphrase:
                return redirect("paper", paper_id)
    row = open_paper(party_of_request(request), row.id, at=at)
    context = _shown(request, row, error, at) | {"passphrase": passphrase}
    return render(request, "papers/one.html", context, status=error.status if error else 200)


@require_GET
@login_required
def scan_file(request: HttpRequest, paper_id: str) -> HttpResponse:
    """Hand over a scan as it came, to be saved and never shown within a page."""
    found, kind = scan_of(party_of_request(request), from_text(paper_id), at=clock.now())
    response = HttpResponse(found, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="signed-paper.{kind}"'
    return response


def _confirm(request: HttpRequest, row: SignedPaper, at: datetime) -> str:
    """Confirm as the first or the second; the second gets the passphrase, shown this once."""
    given = confirmation.answer(request, at=at)
    party = party_of_request(request)
    if party.account == row.first_by_id:
        confirm_first(party, row.id, given.pk, at=clock.now())
        messages.success(request, _("Confirmed. Now somebody else at the desk must compare it."))
        return ""
    return confirm_second(party, row.id, given.pk, at=clock.now()).passphrase


def _refuse(request: HttpRequest, row: SignedPaper, at: datetime) -> str:
    refuse_paper(party_of_request(request), row.id, at=at)
    messages.success(request, _("Refused. Nothing was opened."))
    return ""


def _end(request: HttpRequest, row: SignedPaper, at: datetime) -> str:
    end_for_patient(party_of_request(request), row.id, at=at)
    messages.success(request, _("Taken back. From this second on nothing is open any more."))
    return ""


_ACTS: Final[dict[str, Callable[[HttpRequest, SignedPaper, datetime], str]]] = {
    "confirm": _confirm,
    "refuse": _refuse,
    "end": _end,
}


def _shown(
    request: HttpRequest, row: SignedPaper, error: ExpectedError | None, at: datetime
) -> dict[str, Any]:
    party = party_of_request(request)
    content = content_of(row)
    confirm = None
    if may_confirm(party, row, at=at):
        challenge = ask_to_confirm(party, row.id, at=at)
        confirm = confirmation.around(request, challenge, with_question=True, at=at, error=error)
    return _line(party, row, at) | {
        "paper": content.paper,
        # Built by exchange.consent.paper_text, which escapes every value; shown as it is kept.
        "words": mark_safe(content.html),  # noqa: S308 (see the line above)
        "confirm": confirm,
        "error": error if confirm is None else None,
        "second": name_of(row.second_by_id) if row.second_by_id else "",
        "at_the_desk": is_at_desk(party, row),
    }


def _line(party: Party, row: SignedPaper, at: datetime) -> dict[str, Any]:
    terms = content_of(row).terms
    return {
        "row": row,
        "state": state_of(row, at=at),
        "patient": terms.authority.subject_name,
        "recipient": terms.recipient.name,
        "first": terms.grantor_name,
        "your_turn": may_confirm(party, row, at=at),
    }


def _said(request: HttpRequest) -> Said:
    said, scan = request.POST, request.FILES.get("scan")
    return Said(
        **{name: said.get(name, "").strip() for name in _TEXTS},
        series_ids=tuple(str(from_text(each)) for each in said.getlist("series")),
        sensitive=tuple(said.getlist("sensitive")),
        may_download=said.get("may_download") == "yes",
        scan=scan.read(LARGEST_SCAN + 1) if scan is not None else b"",
    )
