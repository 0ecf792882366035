"""The pages on which a desk compares what contradicts its records, and decides about it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from safelight.exchange.receive.reconciling import NEW_RECORD, file_at_desk
from safelight.exchange.receive.versions import choose_version
from safelight.exchange.receive.waiting import (
    Place,
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
from safelight.surfaces.web.desk.waiting_words import (
    channel_words,
    decision_words,
    reason_words,
    rejections,
)


@never_cache
@require_GET
@login_required
def list_page(request: HttpRequest) -> HttpResponse:
    """Show what waits, and what was decided."""
    lines = [told(line) for line in waiting_at_desk(party_of_request(request), at=clock.now())]
    context = {
        place.value: [each for each in lines if each["line"].place is place] for place in Place
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
    """Reject it, let it wait again, file it, or show this version."""
    party, at, said = party_of_request(request), clock.now(), request.POST
    item, words = from_text(item_id), said.get("words", "")
    try:
        match said.get("act"):
            case "back":
                reopen(party, item, at=at)
                done = _("It waits again.")
            case "file":
                file_at_desk(party, item, said.get("into", ""), words, at=at)
                done = _("Filed. It is in the record that you chose.")
            case "show":
                choose_version(party, item, words, at=at)
                done = _("This version is shown from now on. The other is kept here.")
            case _:
                reject(party, item, said.get("because", ""), at=at)
                done = _("Rejected. It is kept, and nobody is given it.")
    except InvalidFieldError as wrong:
        return _one(request, item_id, {wrong.field: str(wrong)})
    messages.success(request, done)
    return redirect("desk-waiting")


def told(line: WaitingLine) -> dict[str, Any]:
    """Return a line with its codes in words."""
    return {
        "line": line,
        "reason": reason_words(line.reason),
        "channel": channel_words(line.channel),
        "decided": decision_words(line.decided_as),
    }


def _one(request: HttpRequest, item_id: str, faults: dict[str, str]) -> HttpResponse:
    party, at = party_of_request(request), clock.now()
    line, compared = compare_at_desk(party, from_text(item_id), at=at)
    context = told(line) | {"came": compared, "faults": faults, "said": request.POST}
    context["new_record"] = "" if compared.is_of_known_exam else NEW_RECORD
    context["reasons"] = [(each.value, rejections()[each.value]) for each in Rejection]
    return render(request, "desk/waiting_one.html", context, status=422 if faults else 200)
