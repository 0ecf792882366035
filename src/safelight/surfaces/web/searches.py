"""The addresses by which a reader of the record keeps a search, runs it and deletes it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from safelight.governance.trail.searches import delete_search, save_search, search_of
from safelight.kernel import clock
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request
from safelight.surfaces.web.officer import FIELDS

DAYS: Final = frozenset({"1", "7", "30"})


@require_POST
@login_required
def save_page(request: HttpRequest) -> HttpResponse:
    """Keep the fields of the page; `days` stands for the last so many days of each run."""
    asked = request.POST
    kept = {name: asked.get(name, "") for name in FIELDS}
    if asked.get("days") in DAYS:
        kept |= {"days": asked["days"], "since": "", "until": ""}
    save_search(party_of_request(request), asked.get("name", ""), kept, at=clock.now())
    messages.success(request, _("The search is kept. Only you see it."))
    return redirect(_address({name: kept[name] for name in FIELDS}))


@require_GET
@login_required
def run_page(request: HttpRequest, search_id: str) -> HttpResponse:
    """Go to the record with the fields of a saved search; there it is recorded."""
    fields = dict(search_of(party_of_request(request), from_text(search_id)).fields)
    if days := fields.pop("days", ""):
        fields["since"] = f"{clock.now() - timedelta(days=int(days) - 1):%Y-%m-%d}"
    return redirect(_address(fields))


@require_POST
@login_required
def delete_page(request: HttpRequest, search_id: str) -> HttpResponse:
    """Forget a saved search."""
    delete_search(party_of_request(request), from_text(search_id), at=clock.now())
    messages.success(request, _("The search is deleted."))
    return redirect("trail")


def _address(fields: dict[str, str]) -> str:
    query = urlencode({name: value for name, value in fields.items() if value})
    return f"{reverse('trail')}?{query}" if query else reverse("trail")
