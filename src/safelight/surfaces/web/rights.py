"""The pages "Your rights": choose, say it, confirm, and see where it stands."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from safelight.exchange.access.representing.recording import in_person
from safelight.governance.rights.asking import (
    MOST_WORDS,
    Wish,
    ask,
    own_request,
    own_requests,
    withdraw,
)
from safelight.governance.rights.authorities import authorities_for
from safelight.governance.rights.moving import deadline_of
from safelight.governance.rights.rules import NEXT, REVIEWABLE, Kind, State
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.kernel.ids import from_text, to_text
from safelight.surfaces.web.callers import party_of_request
from safelight.surfaces.web.rights_words import GROUNDS, KINDS, STATES

_A_PAGE: Final = ["GET", "HEAD", "POST"]


@require_safe
@login_required
def rights_page(request: HttpRequest) -> HttpResponse:
    """Show what can be asked for, and what was."""
    rows = own_requests(party_of_request(request))
    shown = [(each, KINDS[each.kind][0], STATES[each.state], deadline_of(each)) for each in rows]
    return render(request, "rights/mine.html", {"kinds": KINDS, "rows": shown})


@require_http_methods(_A_PAGE)
@login_required
def ask_page(request: HttpRequest) -> HttpResponse:
    """Let somebody say what they ask for, show it once more, and take it."""
    party = party_of_request(request)
    in_person(party)
    kind = request.GET.get("kind", "")
    if kind not in KINDS:
        raise NotFoundError
    words, country = request.POST.get("words", ""), request.POST.get("country", "")
    context = {
        "kind": kind,
        "title": KINDS[kind][0],
        "words": words,
        "country": country,
        "most_words": MOST_WORDS,
        "faults": {},
    }
    if request.method != "POST" or request.POST.get("act") == "change":
        return render(request, "rights/say.html", context)
    wish = Wish(kind=Kind(kind), words=words, country=country)
    try:
        wish = wish.checked()
    except InvalidFieldError as error:
        context["faults"] = {error.field: str(error)}
        return render(request, "rights/say.html", context, status=422)
    if request.POST.get("act") != "confirm":
        return render(request, "rights/confirm.html", context)
    made = ask(party, wish, at=clock.now())
    messages.success(request, _("We have your request."))
    return redirect("right", to_text(made.pk))


@require_safe
@login_required
def right_page(request: HttpRequest, right_id: str) -> HttpResponse:
    """Show one request: its number, by when, where it stands, and the answer."""
    row = own_request(party_of_request(request), from_text(right_id))
    context = {
        "row": row,
        "title": KINDS[row.kind][0],
        "state": STATES[row.state],
        "deadline": deadline_of(row),
        "zone": settings.SAFELIGHT_TIME_ZONE,
        "steps": [(STATES[each.state], each.at) for each in row.steps.order_by("pk")],
        "may_withdraw": State.WITHDRAWN in NEXT[State(row.state)],
        "ground": GROUNDS.get(row.ground, ""),
        "reviewable": row.ground in REVIEWABLE,
        "authorities": authorities_for(row.country),
    }
    return render(request, "rights/one.html", context)


@require_POST
@login_required
def withdraw_page(request: HttpRequest, right_id: str) -> HttpResponse:
    """Let a request be."""
    withdraw(party_of_request(request), from_text(right_id), at=clock.now())
    messages.success(request, _("Your request is withdrawn."))
    return redirect("right", right_id)
