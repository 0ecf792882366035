"""The pages of those who read the record of what happened, and check whether it is whole.

All of it for those of the instance whose work it is; for the privacy officer of an
institution what concerns the institution.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from safelight.exchange.access.facts import Party
from safelight.exchange.access.officer import own_vault, people_asked_for
from safelight.exchange.access.powers.reviewing import reviews_due
from safelight.exchange.access.reading import Reading, reading_of
from safelight.governance.trail.searches import LONGEST_NAME, searches_of
from safelight.governance.watch.checks import verify
from safelight.kernel import clock
from safelight.platform.audit.export import latest_checkpoint, public_key
from safelight.platform.audit.naming import account_in, is_name, written
from safelight.platform.audit.queries import TrailFilter, read_trail
from safelight.surfaces.web.callers import party_of_request
from safelight.surfaces.web.trail_words import CHECKPOINT, HAPPENINGS

FIELDS: Final = ("actor", "subject", "kind", "outcome", "since", "until", "checkpoints")
_NAMES: Final = ("actor", "subject")
_FEW: Final = 10
_A_WEEK: Final = timedelta(days=7)
_LAST_ROW: Final = 18  # digits


@require_GET
@login_required
def trail_page(request: HttpRequest) -> HttpResponse:
    """Show the record, newest first; that it was read is recorded too."""
    party = party_of_request(request)
    reading = reading_of(party)
    asked = request.GET
    before = asked.get("before", "")
    is_row = before.isascii() and before.isdigit() and len(before) <= _LAST_ROW
    page = read_trail(
        party.name,
        wanted(asked, reading),
        at=clock.now(),
        older_than=int(before) if is_row else None,
    )
    return render(request, "officer/trail.html", {"page": page, **_form(asked, reading, party)})


@require_POST
@login_required
def find_page(request: HttpRequest) -> HttpResponse:
    """Turn what the officer typed into names of the record, and go there.

    A form that is sent, so that an address or a name of a person stands in no URL.
    """
    party, at = party_of_request(request), clock.now()
    reading = reading_of(party)
    asked, problems, several = request.POST.dict(), {}, {}
    for field in _NAMES:
        words = asked.get(field, "").strip()
        if not words or is_name(words):
            asked[field] = written(words)
            continue
        if not reading.may_name:
            problems[field] = _("An auditor asks by ids only.")
            continue
        found = [f"account/{each}" for each in people_asked_for(party, words, at=at)]
        if len(found) == 1:
            asked[field] = found[0]
        elif found:
            several[field] = found
        else:
            problems[field] = _("No account has exactly this address or whole name.")
    if problems or several:
        context = {"problems": problems, "several": several, **_form(asked, reading, party)}
        return render(request, "officer/trail.html", context, status=422)
    query = urlencode({name: asked[name] for name in FIELDS if asked.get(name)})
    return redirect(f"{reverse('trail')}?{query}" if query else "trail")


@require_POST
@login_required
def verify_page(request: HttpRequest) -> HttpResponse:
    """Check every entry, the chain, the tree and the checkpoints, and say the result."""
    party, at = party_of_request(request), clock.now()
    reading = reading_of(party)
    context = {
        "finding": verify(by=party.name, at=at),
        "checkpoint": latest_checkpoint(),
        "key": public_key(),
        "page": read_trail(party.name, wanted({}, reading), at=at),
        **_form({}, reading, party),
    }
    return render(request, "officer/trail.html", context)


def officer_home(request: HttpRequest, party: Party) -> HttpResponse:
    """Show an officer first what waits for one: the record, and what went wrong of late."""
    at = clock.now()
    since = (at - _A_WEEK).replace(hour=0, minute=0, second=0, microsecond=0)
    theirs = TrailFilter(went_wrong=True, since=since, within=reading_of(party).within)
    wrong = read_trail(party.name, theirs, at=at, limit=_FEW)
    context = {"wrong": wrong, "since": since, "due": reviews_due(party)}
    return render(request, "officer/home.html", context)


def wanted(asked: QueryDict | dict[str, str], reading: Reading) -> TrailFilter:
    """Return what the fields of the page ask for, within what this reader may read."""
    kind, subject = asked.get("kind", ""), asked.get("subject", "")
    account_id = account_in(subject)
    return TrailFilter(
        kinds=(kind,) if kind else (),
        without=() if kind or asked.get("checkpoints") else (CHECKPOINT,),
        outcome=asked.get("outcome", ""),
        actor=asked.get("actor", ""),
        subject=subject,
        owned_vault_id=own_vault(account_id) if account_id else None,
        since=_day(asked.get("since", "")),
        until=_day(asked.get("until", ""), after=timedelta(days=1)),
        within=reading.within,
    )


def _form(asked: QueryDict | dict[str, str], reading: Reading, party: Party) -> dict[str, Any]:
    return {
        "asked": {name: asked.get(name, "") for name in FIELDS},
        "happenings": HAPPENINGS,
        "reading": reading,
        "searches": searches_of(party),
        "longest_name": LONGEST_NAME,
        "room": "trail",
    }


def _day(text: str, *, after: timedelta = timedelta(0)) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) + after if text else None
    except (ValueError, OverflowError):
        return None
