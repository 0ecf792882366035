"""What was shared with me, my group or my desk, and what have I asked for?"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from safelight.exchange.release.received import received_by
from safelight.exchange.release.sharing.asking import asked_by
from safelight.kernel import clock
from safelight.surfaces.web.callers import party_of_request

_SOON: Final = timedelta(days=3)


@require_GET
@login_required
def inbox_page(request: HttpRequest) -> HttpResponse:
    """List it, the newest first; what ended keeps its row and says nothing of the patient.

    It tells what the consents say. No exam is opened by it, so nobody is told of a look.
    """
    party, at = party_of_request(request), clock.now()
    received = received_by(party, at=at)
    live = [each for each in received if each.is_live]
    show = request.GET.get("show", "")
    if show == "new":
        listed = [each for each in live if each.is_new]
    elif show == "soon":
        listed = [each for each in live if each.terms and each.terms.ends_at - at <= _SOON]
    else:
        show, listed = "", live
    context = {
        "live": listed,
        "ended": [each for each in received if not each.is_live] if not show else [],
        "show": show,
        "total": len(live),
        "open": {study_id for each in live for study_id in each.study_ids},
        "asked": asked_by(party, at=at),
        "now": at,
    }
    return render(request, "onward/inbox.html", context)
