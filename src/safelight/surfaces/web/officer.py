"""The privacy officer's pages: the record of what happened, and whether it is whole."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from safelight.exchange.access.officer import require_officer
from safelight.kernel import clock
from safelight.platform.audit.export import export_trail, latest_checkpoint, public_key
from safelight.platform.audit.queries import TrailFilter, read_trail
from safelight.platform.audit.verify import verify_trail
from safelight.surfaces.web.callers import party_of_request

_NUMBER = re.compile(r"[0-9]{1,18}")


@require_GET
@login_required
def trail_page(request: HttpRequest) -> HttpResponse:
    """Show the record, newest first; that it was read is recorded too."""
    party = party_of_request(request)
    require_officer(party)
    asked = request.GET
    wanted = TrailFilter(
        kinds=tuple(kind for kind in asked.getlist("kind") if kind),
        outcome=asked.get("outcome", ""),
        actor=asked.get("actor", "").strip(),
        subject=asked.get("subject", "").strip(),
        since=_day(asked.get("since", "")),
        until=_day(asked.get("until", ""), after=timedelta(days=1)),
    )
    older_than = asked.get("before", "")
    page = read_trail(
        party.name,
        wanted,
        at=clock.now(),
        older_than=int(older_than) if _NUMBER.fullmatch(older_than) else None,
    )
    context = {"page": page, "wanted": wanted, "asked": asked, "finding": None}
    return render(request, "officer/trail.html", context)


@require_POST
@login_required
def verify_page(request: HttpRequest) -> HttpResponse:
    """Check every entry, the chain, the tree and the checkpoints, and say the result."""
    party, at = party_of_request(request), clock.now()
    require_officer(party)
    context = {
        "finding": verify_trail(),
        "checkpoint": latest_checkpoint(),
        "key": public_key(),
        "page": read_trail(party.name, TrailFilter(), at=at),
        "wanted": TrailFilter(),
        "asked": {},
    }
    return render(request, "officer/trail.html", context)


@require_POST
@login_required
def export_page(request: HttpRequest) -> StreamingHttpResponse:
    """Send the record for the one-file verifier."""
    party = party_of_request(request)
    require_officer(party)
    lines = export_trail(party.name, at=clock.now())
    response = StreamingHttpResponse(lines, content_type="application/jsonl")
    response["Content-Disposition"] = 'attachment; filename="trail.jsonl"'
    return response


def _day(text: str, *, after: timedelta = timedelta(0)) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) + after if text else None
    except ValueError:
        return None
