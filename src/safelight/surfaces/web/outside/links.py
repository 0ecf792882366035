"""By which links may others send me images, and what has come by them?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from safelight.exchange.access.facts import Party
from safelight.exchange.receive.asked.accepting import delivered_to
from safelight.exchange.receive.asked.links import (
    link_of,
    links_of,
    make_link,
    may_ask_for,
    own_link,
    withdraw_link,
)
from safelight.exchange.receive.asked.rules import LONGEST, MOST_PARCELS, Check, Wish
from safelight.exchange.receive.errors import MayNotStoreError, NotAsAskedError
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import from_text, to_text
from safelight.surfaces.web.callers import party_of_request
from safelight.surfaces.web.sharing.way import drawn

# Where the session keeps a link's secrets, so that its page can be shown again.
SECRETS: Final = "safelight_upload_link_"
_USUAL: Final = timedelta(days=14)


@require_GET
@login_required
def links_page(request: HttpRequest) -> HttpResponse:
    """List what came by links, and the links."""
    party, at = party_of_request(request), clock.now()
    try:
        context = {
            "parcels": delivered_to(party),
            "links": links_of(party, at=at),
            "may_ask": bool(may_ask_for(party)),
            "now": at,
        }
    except MayNotStoreError:
        raise NotFoundError from None
    return render(request, "outside/links.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def new_page(request: HttpRequest) -> HttpResponse:
    """Make a link."""
    party, at = party_of_request(request), clock.now()
    whom = _whom(party)
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            made = make_link(party, _wish(request.POST, party), at=at)
        except NotAsAskedError as wrong:
            faults = wrong.faults
        else:
            link_id = to_text(made.request_id)
            request.session[SECRETS + link_id] = [made.secret, made.passphrase]
            return redirect("upload-link", link_id)
    context = {
        "whom": whom,
        "faults": faults,
        "typed": request.POST if request.method == "POST" else {"parcels": "1", "check": "none"},
        "last": request.POST.get("ends_on") or (at + _USUAL).date().isoformat(),
        "soonest": at.date().isoformat(),
        "latest": (at + LONGEST).date().isoformat(),
        "most": MOST_PARCELS,
    }
    return render(request, "outside/new.html", context, status=422 if faults else 200)


@require_GET
@login_required
def link_page(request: HttpRequest, link_id: str) -> HttpResponse:
    """Show one link; its secret only in the session in which it was made."""
    row = own_link(party_of_request(request), from_text(link_id))
    secret, passphrase = request.session.get(SECRETS + link_id, ("", ""))
    address = f"{settings.SAFELIGHT_PUBLIC_URL}/r/{link_id}#{secret}" if secret else ""
    context: dict[str, Any] = {
        "link": link_of(row, at=clock.now()),
        "link_id": link_id,
        "address": address,
        "drawing": drawn(address) if address else "",
        "passphrase": passphrase,
    }
    return render(request, "outside/link.html", context)


@require_POST
@login_required
def withdraw(request: HttpRequest, link_id: str) -> HttpResponse:
    """Close a link, at once."""
    withdraw_link(party_of_request(request), from_text(link_id), at=clock.now())
    messages.success(request, _("Closed. From this second on nothing comes by it."))
    return redirect("upload-links")


def _whom(party: Party) -> list[tuple[str, str]]:
    try:
        found = may_ask_for(party)
    except MayNotStoreError:
        found = []
    if not found:
        raise NotFoundError
    return [(to_text(place) if place else "", name) for place, name in found]


def _wish(said: QueryDict, party: Party) -> Wish:
    parcels = said.get("parcels", "")
    wish = Wish(
        expected=" ".join(said.get("expected", "").split()),
        address=said.get("address", "").strip(),
        message=said.get("message", "").strip(),
        parcels=int(parcels) if parcels.isascii() and parcels.isdigit() and len(parcels) < 4 else 0,  # noqa: PLR2004 (letters)
        ends_on=_day(said.get("ends_on", "")),
        check=said.get("check", Check.NONE),
    )
    whom = said.get("whom", "")
    if whom:
        return replace(wish, organization_id=from_text(whom))
    places = [place for place, _name in may_ask_for(party)]
    return wish if None in places else replace(wish, organization_id=places[0])


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
