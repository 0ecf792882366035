"""The page on which the sealed part of one entry is opened, for a reason that is kept."""

from __future__ import annotations

from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from safelight.exchange.access.reading import reading_of
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import from_text
from safelight.platform.audit.errors import DetailGoneError, EntryUnknownError
from safelight.platform.audit.queries import is_entry, open_detail
from safelight.surfaces.web.callers import party_of_request

REASONS: Final[dict[str, Promise]] = {
    "complaint": _("Somebody complained"),
    "incident": _("An incident is being looked into"),
    "review": _("A second look at what somebody did"),
    "law": _("A duty by law"),
}
LONGEST: Final = 1000


@require_http_methods(["GET", "POST"])
@login_required
def detail_page(request: HttpRequest, entry_id: str) -> HttpResponse:
    """Ask why, then show what is sealed: where it came from and what else was noted."""
    party = party_of_request(request)
    reading = reading_of(party)
    if not (reading.may_name and is_entry(from_text(entry_id), within=reading.within)):
        raise NotFoundError
    asked = request.POST
    context = {"reasons": REASONS, "longest": LONGEST, "entry_id": entry_id, "room": "trail"}
    if request.method != "POST":
        return render(request, "officer/detail.html", context)
    reason, words = asked.get("reason", ""), asked.get("words", "").strip()[:LONGEST]
    if reason not in REASONS or not words:
        context |= {"asked": asked, "is_wrong": True}
        return render(request, "officer/detail.html", context, status=422)
    try:
        opened = open_detail(
            party.name,
            from_text(entry_id),
            at=clock.now(),
            reason=reason,
            words=words,
            within=reading.within,
        )
    except EntryUnknownError:
        raise NotFoundError from None
    except DetailGoneError:
        context["is_gone"] = True
    else:
        context["opened"] = {name: str(value) for name, value in opened.items() if value}
    return render(request, "officer/detail.html", context)
