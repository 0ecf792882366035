"""What is it for, and how long?"""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from safelight.exchange.consent.terms import DEFAULT_TERM, Purpose, SecondCheck
from safelight.exchange.release.sharing.drafts import choose, find_draft
from safelight.exchange.release.sharing.link_secrets import new_passphrase
from safelight.kernel import clock
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request

_WHY = ("purpose", "purpose_words", "starts_on", "ends_on", "second_check")


@require_http_methods(["GET", "POST"])
@login_required
def why_page(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Say what it is for, how long, and how a mistyped address is kept out."""
    party, at = party_of_request(request), clock.now()
    draft, choices = find_draft(party, from_text(draft_id))
    faults: dict[str, str] = {}
    if request.method == "POST":
        said = {name: request.POST.get(name, "").strip() for name in _WHY}
        passphrase = ""
        if said["second_check"] == SecondCheck.PASSPHRASE:
            passphrase = choices.passphrase or new_passphrase()
        choices = choose(
            draft,
            choices,
            at=at,
            may_download=request.POST.get("may_download") == "yes",
            passphrase=passphrase,
            **said,
        )
        if said["purpose"] not in set(Purpose):
            faults["purpose"] = _("Choose what it is for.")
        if said["second_check"] not in set(SecondCheck):
            faults["second_check"] = _("Choose how a mistyped address is kept out.")
        if not faults:
            return redirect("share-check", draft_id)
    context = {
        "choices": choices,
        "faults": faults,
        "draft_id": draft_id,
        "purposes": list(Purpose),
        "second_checks": list(SecondCheck),
        "today": at.date(),
        "default_end": (at + DEFAULT_TERM).date(),
        "latest_end": (at + timedelta(days=365)).date(),
    }
    return render(request, "share/why.html", context, status=422 if faults else 200)
