"""Which of my exams say something that is nobody's business unless I say so by itself?"""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from safelight.exchange.access.sensitive import mark_sensitive
from safelight.exchange.consent.terms import Sensitive
from safelight.exchange.release.copies.known import has_copies
from safelight.exchange.release.picking import sensitive_in
from safelight.exchange.release.viewing.overview import exam
from safelight.kernel import clock
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request


@require_http_methods(["GET", "POST"])
@login_required
def sensitive_page(request: HttpRequest, exam_id: str) -> HttpResponse:
    """Mark an exam of one's own; those it is shared with already lose sight of what is new."""
    party, at = party_of_request(request), clock.now()
    study_id = from_text(exam_id)
    marked = sensitive_in(party, [study_id], at=at).get(study_id, [])
    if request.method == "POST":
        said = set(request.POST.getlist("kind"))
        kinds = frozenset(kind for kind in Sensitive if kind.value in said)
        mark_sensitive(party, study_id, kinds, at=at)
        messages.success(
            request,
            _("Kept. It is shared only where you tick it.") if kinds else _("No mark is left."),
        )
        return redirect("exam", exam_id)
    context = {
        "exam": exam(party, study_id, at=at),
        "has_copies": has_copies(study_id),
        "kinds": list(Sensitive),
        "marked": marked,
        "exam_id": exam_id,
    }
    return render(request, "exam_sensitive.html", context)
