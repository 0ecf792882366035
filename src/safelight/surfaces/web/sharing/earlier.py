"""They can see something of mine already: does this add to it, or take its place?

Where several consents cover the same exam the widest right counts, so what
would come of either answer is shown before anything is confirmed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from safelight.exchange.release.errors import TermsNotFitError
from safelight.exchange.release.sharing.drafts import choose, find_draft
from safelight.exchange.release.sharing.earlier import Earlier, Widest, earlier_to, together
from safelight.exchange.release.sharing.wording import terms_from_choices
from safelight.governance.compliance.queries import current_statement
from safelight.kernel import clock
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request

_ADDS: Final = "adds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One answer, and what the recipient would hold after it."""

    value: str
    earlier: Earlier | None
    result: Widest


@require_http_methods(["GET", "POST"])
@login_required
def earlier_page(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Ask what becomes of the earlier consents to the same recipient. No answer is chosen."""
    party, at = party_of_request(request), clock.now()
    draft, choices = find_draft(party, from_text(draft_id))
    held = earlier_to(party, choices, at=at)
    number = str(current_statement(at=at).number)
    try:
        new = terms_from_choices(party, draft, choices, statement_version=number, at=at)
    except TermsNotFitError:
        return redirect("share-check", draft_id)  # which leads to what is wrong
    if not held:
        return redirect("share-check", draft_id)
    ids = [str(each.consent_id) for each in held]
    said = request.POST.get("answer", "")
    if said in {_ADDS, *ids}:
        replaced = "" if said == _ADDS else said
        beside = tuple(each for each in ids if each != replaced)
        choose(draft, choices, at=at, replaces_id=replaced, beside=beside)
        return redirect("share-check", draft_id)
    outcomes = [
        Outcome(
            value=str(each.consent_id),
            earlier=each,
            result=together([new, *(one.terms for one in held if one is not each)]),
        )
        for each in held
    ]
    adds = Outcome(
        value=_ADDS, earlier=None, result=together([new, *(each.terms for each in held)])
    )
    is_wrong = request.method == "POST"
    context = {
        "name": choices.name,
        "held": held,
        "outcomes": [*outcomes, adds],
        "answer": choices.replaces_id or (_ADDS if set(ids) <= set(choices.beside) else ""),
        "faults": {"answer": _("Choose what becomes of it.")} if is_wrong else {},
        "draft_id": draft_id,
    }
    return render(request, "share/earlier.html", context, status=422 if is_wrong else 200)
