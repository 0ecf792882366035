"""In what form is it shared: as it is, or as a copy without a name?"""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from safelight.exchange.consent.terms import Form
from safelight.exchange.release.choosing_form import share_as_copy, share_as_it_is
from safelight.exchange.release.errors import TermsNotFitError
from safelight.exchange.release.sharing.copying import copy_in_hand, require_no_copies
from safelight.exchange.release.sharing.drafts import find_draft
from safelight.exchange.release.sharing.wording import own_studies
from safelight.kernel import clock
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request


@require_http_methods(["GET", "POST"])
@login_required
def form_page(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Choose the form, and see how far the copy is; nothing is shared by making one."""
    party, at, identity = party_of_request(request), clock.now(), from_text(draft_id)
    _draft, choices = find_draft(party, identity)
    require_no_copies(own_studies(party, choices, at=at))
    faults: dict[str, str] = {}
    if request.method == "POST":
        form = request.POST.get("form", "")
        if form == Form.IDENTIFIED:
            share_as_it_is(party, identity, at=at)
            return redirect("share-who", draft_id)
        if form == Form.DEIDENTIFIED:
            looked_at = request.POST.get("looked_at") == "yes"
            try:
                share_as_copy(party, identity, looked_at=looked_at, at=at)
            except TermsNotFitError as unfit:
                faults = {"form": next(iter(unfit.faults.values()))}
            else:
                return redirect("share-form", draft_id)
        else:
            faults = {"form": _("Choose how to share it.")}
    held = copy_in_hand(party, choices)
    context = {"held": held, "faults": faults, "draft_id": draft_id}
    return render(request, "share/form.html", context, status=422 if faults else 200)
