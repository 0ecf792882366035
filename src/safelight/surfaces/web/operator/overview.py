"""The first page of those that run this instance: what needs one of them now."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from safelight.exchange.access.facts import Party
from safelight.exchange.access.staff import staff_roles
from safelight.governance.health.queries import state_now
from safelight.governance.health.rules import Mark, gauges
from safelight.kernel import clock
from safelight.surfaces.web.operator.rooms import EVERYBODY, rooms_of, staff_page
from safelight.surfaces.web.operator.words import MARKS, line_of


@require_GET
@staff_page(*EVERYBODY)
def overview_page(request: HttpRequest, party: Party) -> HttpResponse:
    """Show what is not well, and where to go."""
    at = clock.now()
    found = gauges(state_now(at=at))
    lines = [line_of(each, at=at) for each in found if each.mark is not Mark.GOOD]
    context = {
        "wrong": sorted(lines, key=lambda line: _ORDER.index(line.mark)),
        "well": sum(each.mark is Mark.GOOD for each in found),
        "marks": MARKS,
        "rooms": rooms_of(staff_roles(party))[1:],
        "read_at": at,
    }
    return render(request, "operator/overview.html", context)


_ORDER = (Mark.BAD, Mark.LOOK, Mark.UNKNOWN)
