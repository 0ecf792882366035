"""Who is it for?"""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from safelight.exchange.consent.terms import RecipientKind
from safelight.exchange.release.sharing.drafts import choose, find_draft
from safelight.kernel import clock
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request

_WHO = ("name", "address", "kind")


@require_http_methods(["GET", "POST"])
@login_required
def who_page(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Name the one recipient; the address is typed twice."""
    party, at = party_of_request(request), clock.now()
    draft, choices = find_draft(party, from_text(draft_id))
    faults: dict[str, str] = {}
    if request.method == "POST":
        said = {name: request.POST.get(name, "").strip() for name in _WHO}
        choices = choose(draft, choices, at=at, **said)
        faults = _who_faults(said, request.POST.get("address_again", "").strip())
        if not faults:
            return redirect("share-why", draft_id)
    context = {
        "choices": choices,
        "faults": faults,
        "draft_id": draft_id,
        "kinds": list(RecipientKind),
    }
    return render(request, "share/who.html", context, status=422 if faults else 200)


def _who_faults(said: dict[str, str], again: str) -> dict[str, str]:
    faults = {}
    if not said["name"]:
        faults["name"] = _("Give the name of the person or the desk.")
    if "@" not in said["address"]:
        faults["address"] = _("Give one complete e-mail address.")
    elif said["address"] != again:
        faults["address_again"] = _("The two addresses are not the same.")
    if said["kind"] not in set(RecipientKind):
        faults["kind"] = _("Choose who this is to you.")
    return faults
