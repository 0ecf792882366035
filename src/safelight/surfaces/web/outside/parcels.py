"""What did somebody send me, and do I let it in?"""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from safelight.exchange.receive.asked.accepting import (
    read_parcel,
    refuse_parcel,
    take_in_parcel,
)
from safelight.exchange.receive.asked.contents import PAPERS
from safelight.exchange.receive.asked.filing import batches_of
from safelight.exchange.receive.errors import NotAsAskedError
from safelight.kernel import clock
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request


@require_http_methods(["GET", "POST"])
@login_required
def parcel_page(request: HttpRequest, parcel_id: str) -> HttpResponse:
    """Show what came and from whom; let it in, each person in it as the receiver says."""
    party, at = party_of_request(request), clock.now()
    faults: dict[str, str] = {}
    if request.method == "POST":
        prefix = "who-"
        said = {
            name.removeprefix(prefix): str(value)
            for name, value in request.POST.items()
            if name.startswith(prefix)
        }
        said[PAPERS] = "mine" if request.POST.get("papers") else "leave-out"
        try:
            take_in_parcel(party, from_text(parcel_id), said, at=at)
        except NotAsAskedError as wrong:
            faults = wrong.faults
        else:
            messages.success(request, _("Said yes. It is being added."))
            return redirect("parcel", parcel_id)
    found = read_parcel(party, from_text(parcel_id), at=at)
    context = {
        "found": found,
        "parcel": found.parcel,
        "parcel_id": parcel_id,
        # A receipt is shown to whoever decided; their colleagues read here that it was added.
        "batches": [each for each in batches_of(found.parcel) if each.account_id == party.account],
        "people": [(one, request.POST.get(f"who-{one.key}", "")) for one in found.people],
        "faults": {f"who-{key}-first": words for key, words in faults.items()},
    }
    return render(request, "outside/parcel.html", context, status=422 if faults else 200)


@require_POST
@login_required
def refuse(request: HttpRequest, parcel_id: str) -> HttpResponse:
    """Send a parcel away."""
    refuse_parcel(party_of_request(request), from_text(parcel_id), at=clock.now())
    messages.success(request, _("Sent away. Nothing of it was kept."))
    return redirect("upload-links")
