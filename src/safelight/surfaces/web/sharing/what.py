"""What is to be shared, and what if the person decides not to?"""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from safelight.exchange.release.sharing.drafts import choose, drop_draft, find_draft, start_draft
from safelight.exchange.release.viewing.overview import exam
from safelight.kernel import clock
from safelight.kernel.ids import from_text, to_text
from safelight.surfaces.web.callers import party_of_request


@require_POST
@login_required
def start(request: HttpRequest, exam_id: str) -> HttpResponse:
    """Begin to share an exam; nothing is shared by this."""
    draft = start_draft(party_of_request(request), from_text(exam_id), at=clock.now())
    return redirect("share-what", to_text(draft.id))


@require_http_methods(["GET", "POST"])
@login_required
def what_page(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Choose the series. None is ticked beforehand."""
    party, at = party_of_request(request), clock.now()
    draft, choices = find_draft(party, from_text(draft_id))
    detail = exam(party, UUID(choices.study_ids[0]), at=at)
    faults: dict[str, str] = {}
    if request.method == "POST":
        known = {str(each.series_id) for each in detail.summary.series}
        chosen = tuple(each for each in request.POST.getlist("series") if each in known)
        choices = choose(draft, choices, at=at, series_ids=chosen)
        if chosen:
            return redirect("share-who", draft_id)
        faults = {"items": _("Tick at least one set of pictures to share.")}
    context = {"exam": detail, "choices": choices, "faults": faults, "draft_id": draft_id}
    return render(request, "share/what.html", context, status=422 if faults else 200)


@require_http_methods(["GET", "POST"])
@login_required
def decline(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Decide not to share; nothing was shared, and nothing is kept of it."""
    draft, choices = find_draft(party_of_request(request), from_text(draft_id))
    if request.method == "POST":
        drop_draft(draft)
    messages.info(request, _("Nothing was shared."))
    return redirect("exam", to_text(UUID(choices.study_ids[0])))
