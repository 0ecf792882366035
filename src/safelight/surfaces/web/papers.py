"""The addresses that hand over papers: receipts, lists of disclosures, consents as FHIR."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from safelight.exchange.release.papers.accounting import Extent
from safelight.exchange.release.papers.listing import Form, accounting, written
from safelight.exchange.release.papers.one_file import verifier_script
from safelight.exchange.release.papers.sealing import paper_key
from safelight.exchange.release.papers.taking import receipt
from safelight.exchange.release.papers.telling import consent_as_fhir, consents_as_fhir
from safelight.exchange.release.periods import period_of_days
from safelight.exchange.release.sharing.entries import guest
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, NotFoundError
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request
from safelight.surfaces.web.recipients import GUEST_COOKIE

PDF = "application/pdf"
FHIR = "application/fhir+json"
_KINDS = {Form.PDF: PDF, Form.CSV: "text/csv; charset=utf-8", Form.FHIR: FHIR}
_ENDINGS = {Form.PDF: "pdf", Form.CSV: "csv", Form.FHIR: "json"}


@require_GET
@login_required
def receipt_file(request: HttpRequest, consent_id: str) -> HttpResponse:
    """Send the receipt of a consent to its giver, or to whoever looks under it."""
    paper = receipt(party_of_request(request), from_text(consent_id), at=clock.now())
    return as_file(paper, PDF, "receipt.pdf")


@require_GET
@login_required
def consent_file(request: HttpRequest, consent_id: str) -> HttpResponse:
    """Send one consent as FHIR to whoever may have its receipt."""
    told = consent_as_fhir(party_of_request(request), from_text(consent_id), at=clock.now())
    return as_file(told, FHIR, "consent.json")


@require_GET
@login_required
def consents_file(request: HttpRequest) -> HttpResponse:
    """Send all of one's own consents as FHIR."""
    told = consents_as_fhir(party_of_request(request), at=clock.now())
    return as_file(told, FHIR, "consents.json")


@require_GET
def shared_receipt_file(request: HttpRequest, share_id: str) -> HttpResponse:
    """Send the receipt to the person whom a share names, after the proof."""
    at = clock.now()
    try:
        party = guest(from_text(share_id), request.COOKIES.get(GUEST_COOKIE, ""), at=at)
        if party.consent_id is None:
            raise NotFoundError
        paper = receipt(party, party.consent_id, at=at)
    except ExpectedError:  # the page of the share says how it stands
        return redirect("share-open", share_id)
    return as_file(paper, PDF, "receipt.pdf")


@require_GET
@login_required
def accounting_file(request: HttpRequest) -> HttpResponse:
    """Send the list of what left of one's own exams, in full or as the law has it."""
    return _accounting(request, None)


@require_GET
@login_required
def acting_accounting_file(request: HttpRequest, representative_id: str) -> HttpResponse:
    """Send the same of the exams of the person for whom somebody acts."""
    return _accounting(request, from_text(representative_id))


def _accounting(request: HttpRequest, acting: UUID | None) -> HttpResponse:
    asked = request.GET
    form, extent = asked.get("form", Form.PDF), asked.get("extent", Extent.COMPLETE)
    if form not in set(Form) or extent not in set(Extent):
        raise NotFoundError
    period = period_of_days(asked.get("since", ""), asked.get("until", ""))
    party = party_of_request(request)
    made = accounting(party, Extent(extent), period, acting=acting, at=clock.now())
    name = f"disclosures.{_ENDINGS[Form(form)]}"
    return as_file(written(made, Form(form)), _KINDS[Form(form)], name)


@require_GET
def key_file(request: HttpRequest) -> HttpResponse:
    """Say the key that papers are signed with."""
    del request
    return HttpResponse(f"{paper_key()}\n", content_type="text/plain; charset=utf-8")


@require_GET
def verifier_file(request: HttpRequest) -> HttpResponse:
    """Send the verifier as one file."""
    del request
    script = verifier_script().encode()
    return as_file(script, "text/x-python; charset=utf-8", "verify_receipt.py")


def as_file(content: bytes, kind: str, name: str) -> HttpResponse:
    """Answer with a file to keep."""
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
