"""The pages by which a desk hands a patient the code for their record, ends it, or undoes it."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from safelight.exchange.release.claimed import claim_at_desk, claims_at_desk
from safelight.exchange.release.claiming import end_claim, offer_claim
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError, StateConflictError
from safelight.kernel.ids import from_text, to_text
from safelight.surfaces.web.callers import party_of_request
from safelight.surfaces.web.sharing.way import drawn

# Where the sealed session keeps a code until it is shown.
_CODE: Final = "safelight_claim_"
_GROUP: Final = 4


@require_http_methods(["GET", "POST"])
@login_required
def claims_page(request: HttpRequest) -> HttpResponse:
    """Show what waits and what was claimed, and make the code for one more patient."""
    party, at = party_of_request(request), clock.now()
    faults: dict[str, str] = {}
    said = {name: request.POST.get(name, "").strip() for name in ("number", "born_on", "checked")}
    if request.method == "POST":
        try:
            claim, code = offer_claim(party, **said, at=at)
        except InvalidFieldError as wrong:
            faults = {wrong.field: str(wrong)}
        except StateConflictError as taken:
            faults = {"number": str(taken)}
        else:
            request.session[_CODE + str(claim.pk)] = code
            return redirect("desk-claim", to_text(claim.pk))
    lines = claims_at_desk(party, at=at)
    context = {
        "waiting": [each for each in lines if each.claimed_at is None],
        "claimed": [each for each in lines if each.claimed_at is not None],
        "said": said,
        "faults": faults,
    }
    return render(request, "desk/claims.html", context, status=422 if faults else 200)


@never_cache
@require_GET
@login_required
def claim_page(request: HttpRequest, claim_id: str) -> HttpResponse:
    """Show the code once, to be printed and handed over."""
    line = claim_at_desk(party_of_request(request), from_text(claim_id), at=clock.now())
    code = str(request.session.pop(_CODE + str(line.claim_id), "")).upper()
    page = settings.SAFELIGHT_PUBLIC_URL + reverse("records")
    context = {
        "line": line,
        "code": "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP)),
        "page": page,
        "drawing": drawn(f"{page}#{code}") if code else "",
    }
    return render(request, "desk/claim.html", context)


@require_POST
@login_required
def end_page(request: HttpRequest, claim_id: str) -> HttpResponse:
    """End a code that nobody used, or undo a link that was wrong."""
    end_claim(party_of_request(request), from_text(claim_id), at=clock.now())
    messages.success(request, _("Done. The code opens nothing, and the record is nobody's."))
    return redirect("desk-claims")
