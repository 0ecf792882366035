"""How does a person see which exams are gone for good, and keep a proof of it?"""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from safelight.governance.keys.certifying import (
    certificate_keys,
    certificate_verifier,
    erased_exams,
    own_certificate,
)
from safelight.kernel import clock
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request
from safelight.surfaces.web.papers import as_file


@require_GET
@login_required
def gone_page(request: HttpRequest) -> HttpResponse:
    """List the exams of one's own that are gone for good; send the certificate of one."""
    party, at = party_of_request(request), clock.now()
    wanted = request.GET.get("certificate")
    if wanted:
        note = own_certificate(party, from_text(wanted), at=at)
        return as_file(note.encode(), "text/plain; charset=utf-8", "destruction.txt")
    return render(request, "exams_gone.html", {"erased": erased_exams(party), "now": at})


@require_GET
def key_file(request: HttpRequest) -> HttpResponse:
    """Say the keys that certificates are signed with: the first, and each that followed."""
    del request
    return HttpResponse(f"{certificate_keys()}\n", content_type="text/plain; charset=utf-8")


@require_GET
def verifier_file(request: HttpRequest) -> HttpResponse:
    """Send the verifier of certificates as one file."""
    del request
    script = certificate_verifier().encode()
    return as_file(script, "text/x-python; charset=utf-8", "verify_destruction.py")
