"""The pages on which a desk compares what contradicts its records, and rejects it or not."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from safelight.exchange.receive.waiting import (
    Rejection,
    WaitingLine,
    compare_at_desk,
    reject,
    reopen,
    waiting_at_desk,
)
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request
from safelight.surfaces.web.desk.waiting_words import channel_words, reason_words, rejections


@never_cache
@require_GET
@login_required
def list_page(request: HttpRequest) -> HttpResponse:
    """Show what waits, and what was rejected."""
    lines = [told(line) for line in waiting_at_desk(party_of_request(request), at=clock.now())]
    context = {
        "waiting": [each for each in lines if not each["line"].is_rejected],
        "rejected": [each for each in lines if each["line"].is_rejected],
    }
    return render(request, "desk/waiting.html", context)


@never_cache
@require_GET
@login_required
def one_page(request: HttpRequest, item_id: str) -> HttpResponse:
    """Set what came beside the records that it might belong to."""
    return _one(request, item_id, {})


@never_cache
@require_POST
@login_required
def decide_page(request: HttpRequest, item_id: str) -> HttpResponse:
    """Reject it, or let it wait again."""
    party, at = party_of_request(request), clock.now()
    if request.POST.get("act") == "back":
        reopen(party, from_text(item_id), at=at)
        messages.success(request, _("It waits again."))
        return redirect("desk-waiting")
    try:
        reject(party, from_text(item_id), request.POST.get("because", ""), at=at)
    except InvalidFieldError as wrong:
        return _one(request, item_id, {wrong.field: str(wrong)})
    messages.success(request, _("Rejected. It is kept, and nobody is given it."))
    return redirect("desk-waiting")


def told(line: WaitingLine) -> dict[str, Any]:
    """Return a line with its codes in words."""
    return {
        "line": line,
        "reason": reason_words(line.reason),
        "channel": channel_words(line.channel),
        "decided": rejections().get(line.decided_as, ""),
    }


def _one(request: HttpRequest, item_id: str, faults: dict[str, str]) -> HttpResponse:
    party, at = party_of_request(request), clock.now()
    line, compared = compare_at_desk(party, from_text(item_id), at=at)
    context = told(line) | {"came": compared, "faults": faults}
    context["reasons"] = [(each.value, rejections()[each.value]) for each in Rejection]
    return render(request, "desk/waiting_one.html", context, status=422 if faults else 200)
