"""In what form is it shared: as it is, or as a copy without a name?"""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from safelight.exchange.consent.terms import Form
from safelight.exchange.release.copies.discarding import discard_copies
from safelight.exchange.release.sharing.copying import (
    ask_for_copy,
    copy_in_hand,
    leave_names,
    require_no_copies,
)
from safelight.exchange.release.sharing.drafts import find_draft
from safelight.exchange.release.sharing.wording import own_studies
from safelight.kernel import clock
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request


@require_http_methods(["GET", "POST"])
@login_required
def form_page(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Choose the form, and see how far the copy is; nothing is shared by making one."""
    party, at = party_of_request(request), clock.now()
    draft, choices = find_draft(party, from_text(draft_id))
    studies = own_studies(party, choices, at=at)
    require_no_copies(studies)
    held = copy_in_hand(party, choices)
    faults: dict[str, str] = {}
    if request.method == "POST":
        form = request.POST.get("form", "")
        before = held.studies if held else ()
        if form == Form.IDENTIFIED:
            leave_names(draft, choices, at=at)
            discard_copies(party, before, at=at)
            return redirect("share-who", draft_id)
        if form == Form.DEIDENTIFIED and (choices.series_ids or choices.instance_ids):
            looked_at = request.POST.get("looked_at") == "yes"
            changed = ask_for_copy(party, draft, choices, studies, looked_at=looked_at, at=at)
            if changed.copying_id != choices.copying_id:
                discard_copies(party, before, at=at)
            return redirect("share-form", draft_id)
        faults["form"] = _("Choose how to share it.")
    context = {"held": held, "faults": faults, "draft_id": draft_id}
    return render(request, "share/form.html", context, status=422 if faults else 200)
