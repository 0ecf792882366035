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
from safelight.exchange.release.papers.proving import record_keys, record_verifier
from safelight.exchange.release.papers.sealing import paper_keys
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
PYTHON = "text/x-python; charset=utf-8"
PLAIN = "text/plain; charset=utf-8"
_FILES = {
    Form.PDF: ("disclosures.pdf", PDF),
    Form.CSV: ("disclosures.csv", "text/csv; charset=utf-8"),
    Form.FHIR: ("disclosures.json", FHIR),
    Form.PROOF: ("disclosures-proof.json", "application/json"),
    Form.ZIP: ("disclosures.zip", "application/zip"),
}


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
    name, kind = _FILES[Form(form)]
    return as_file(written(made, Form(form)), kind, name)


@require_GET
def key_file(request: HttpRequest) -> HttpResponse:
    """Say the keys that papers are signed with: the first, and each that followed."""
    del request
    return HttpResponse(f"{paper_keys()}\n", content_type=PLAIN)


@require_GET
def verifier_file(request: HttpRequest) -> HttpResponse:
    """Send the verifier as one file."""
    del request
    script = verifier_script().encode()
    return as_file(script, PYTHON, "verify_receipt.py")


@require_GET
def record_key_file(request: HttpRequest) -> HttpResponse:
    """Say the keys that the record is signed with: the first, and each that followed."""
    del request
    return HttpResponse(f"{record_keys()}\n", content_type=PLAIN)


@require_GET
def record_verifier_file(request: HttpRequest) -> HttpResponse:
    """Send the program that checks the record, and what a report says of it."""
    del request
    return as_file(record_verifier().encode(), PYTHON, "verify_audit.py")


def as_file(content: bytes, kind: str, name: str) -> HttpResponse:
    """Answer with a file to keep."""
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
