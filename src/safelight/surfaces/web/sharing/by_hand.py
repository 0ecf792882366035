"""How does the giver draw their signature, beside proving who they are?"""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from safelight.exchange.consent.handwriting import HEIGHT, WIDTH, handwriting_from_text
from safelight.exchange.release.sharing.drafts import choose, find_draft
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request


@require_http_methods(["GET", "POST"])
@login_required
def sign_page(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Take a drawing, or leave it out; nothing is agreed by it, and the check comes after."""
    draft, choices = find_draft(party_of_request(request), from_text(draft_id))
    faults: dict[str, str] = {}
    if request.method == "POST":
        leaves_it = request.POST.get("leave_out") == "yes"
        drawn = "" if leaves_it else request.POST.get("handwriting", "") or "[]"
        try:
            choose(draft, choices, at=clock.now(), handwriting=drawn)
        except InvalidFieldError as wrong:
            faults[wrong.field] = str(wrong)
        else:
            return redirect("share-check", draft_id)
    context = {
        "draft_id": draft_id,
        "faults": faults,
        "name": choices.name,
        "lines": lines_of(choices.handwriting),
        "width": WIDTH,
        "height": HEIGHT,
    }
    return render(request, "share/sign.html", context, status=422 if faults else 200)


def lines_of(handwriting: str) -> list[str]:
    """Return the strokes of a drawing, if any, as an SVG writes them, e.g. "10,20 11,24"."""
    if not handwriting:
        return []
    strokes = handwriting_from_text(handwriting).strokes
    # A line needs two places; a dot is one from itself to itself.
    return [" ".join(f"{x},{y}" for x, y in (stroke[0], *stroke)) for stroke in strokes]
