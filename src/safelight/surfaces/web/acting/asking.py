"""The page by which a parent, guardian, proxy or executor asks to act for somebody."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from safelight.exchange.access.facts import Party
from safelight.exchange.access.representing.asking import LARGEST_PAPER, Claim, ask_to_act
from safelight.exchange.access.representing.lists import institutions
from safelight.exchange.release.viewing.overview import exams
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError, StateConflictError
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request
from safelight.surfaces.web.templatetags.acting_tags import KINDS

_TEXTS = ("kind", "name", "address", "number", "born_on", "jurisdiction", "words")
_EMPTY = Claim(kind="", name="", organization_id="")


@require_http_methods(["GET", "POST"])
@login_required
def ask_page(request: HttpRequest) -> HttpResponse:
    """Say by what right, for whom, and what shows it; two of an institution will look at it."""
    party, at = party_of_request(request), clock.now()
    if request.method == "GET":
        return _form(request, party, _EMPTY, {}, at=at)
    claim = _claim(request)
    try:
        ask_to_act(party, claim, at=at)
    except InvalidFieldError as wrong:
        return _form(request, party, claim, {wrong.field: str(wrong)}, at=at)
    except StateConflictError as too_many:
        messages.error(request, str(too_many))
        return redirect("acting")
    messages.success(request, _("Sent. Two people there look at it before anything opens."))
    return redirect("acting")


def _form(
    request: HttpRequest, party: Party, claim: Claim, faults: dict[str, str], *, at: datetime
) -> HttpResponse:
    context = {
        "claim": claim,
        "faults": faults,
        "institutions": institutions(),
        "acting_kinds": [(kind, words) for kind, words in KINDS.items() if kind != "helper"],
        "own_exams": [each for each in exams(party, at=at) if each.way == "owner"],
    }
    return render(request, "acting/ask.html", context, status=422 if faults else 200)


def _claim(request: HttpRequest) -> Claim:
    said = request.POST
    paper = request.FILES.get("paper")
    exam = said.get("exam", "")
    return Claim(
        **{name: said.get(name, "").strip() for name in _TEXTS},
        organization_id=said.get("organization", ""),
        study_id=from_text(exam) if exam else None,
        may_share=said.get("may_share") == "yes",
        may_manage=said.get("may_manage") == "yes",
        may_use_rights=said.get("may_use_rights") == "yes",
        paper=paper.read(LARGEST_PAPER + 1) if paper is not None else b"",
        paper_name=paper.name or "" if paper is not None else "",
    )
