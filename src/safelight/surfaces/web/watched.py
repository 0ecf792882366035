"""The page on which a privacy officer says whose exams are watched, why, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from safelight.exchange.access.facts import Party
from safelight.exchange.access.officer import people_asked_for
from safelight.governance.review.models import Cause, Watched
from safelight.governance.review.watching import LONGEST, Why, unwatch, watch, watched_by
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError, NotFoundError
from safelight.kernel.ids import from_text
from safelight.platform.audit.naming import is_name, written
from safelight.surfaces.web.callers import party_of_request

MOST_WORDS: Final = 500
FIELDS: Final = ("whom", "cause", "words", "until")
CAUSES: Final[dict[str, Promise]] = {
    Cause.KNOWN: gettext_lazy("Known to many"),
    Cause.WORKS_HERE: gettext_lazy("Works here"),
    Cause.FAMILY: gettext_lazy("Family of somebody who works here"),
    Cause.THREATENED: gettext_lazy("Threatened by somebody"),
    Cause.OTHER: gettext_lazy("Another cause"),
}


@require_GET
@login_required
def watched_page(request: HttpRequest) -> HttpResponse:
    """Show who is watched; that it was read is recorded."""
    at = clock.now()
    rows = watched_by(party_of_request(request), at=at)
    return render(request, "officer/watched.html", shown(rows, {}, {}, at))


@require_POST
@login_required
def watch_page(request: HttpRequest) -> HttpResponse:
    """Have somebody watched, or say what is missing."""
    party, at = party_of_request(request), clock.now()
    rows = watched_by(party, at=at)  # for all others there is nothing here, whatever they send
    asked = {name: request.POST.get(name, "").strip() for name in FIELDS}
    faults = _missing(asked)
    try:
        if not faults:
            why = Why(
                cause=Cause(asked["cause"]),
                until=_end_of(asked["until"]),
                words=asked["words"][:MOST_WORDS],
            )
            watch(party, _named(party, asked["whom"], at), why, at=at)
    except InvalidFieldError as error:
        faults[error.field] = str(error)
    except NotFoundError:
        faults["whom"] = _("Nobody of those whose record you read is named so.")
    if faults:
        return render(request, "officer/watched.html", shown(rows, asked, faults, at), status=422)
    messages.success(request, _("From now on each look at their exams is reviewed."))
    return redirect("operator-watched")


@require_POST
@login_required
def unwatch_page(request: HttpRequest, watched_id: str) -> HttpResponse:
    """Watch somebody no longer."""
    unwatch(party_of_request(request), from_text(watched_id), at=clock.now())
    messages.success(request, _("They are not watched any more."))
    return redirect("operator-watched")


def shown(
    rows: list[Watched], asked: dict[str, str], faults: dict[str, str], at: datetime
) -> dict[str, Any]:
    """Return what the page shows; the days are those that may be given."""
    return {
        "rows": [(each, CAUSES[each.cause], each.until - timedelta(hours=12)) for each in rows],
        "asked": asked,
        "faults": faults,
        "causes": CAUSES,
        "most_words": MOST_WORDS,
        "first_day": f"{at + timedelta(days=1):%Y-%m-%d}",
        "last_day": f"{at + LONGEST - timedelta(days=1):%Y-%m-%d}",
        "room": "operator-review",
    }


def _missing(asked: dict[str, str]) -> dict[str, str]:
    faults = {}
    if not asked["whom"]:
        faults["whom"] = _("Say whose exams.")
    if asked["cause"] not in CAUSES:
        faults["cause"] = _("Choose why.")
    if not asked["until"]:
        faults["until"] = _("Give the last day.")
    return faults


def _named(party: Party, words: str, at: datetime) -> str:
    """Return the name in the record that the words mean. Raises InvalidFieldError."""
    if is_name(words):
        return written(words)
    found = people_asked_for(party, words, at=at)
    if len(found) > 1:
        raise InvalidFieldError("whom", _("Several are named so. Give the address, or an id."))
    if not found:
        raise NotFoundError
    return f"account/{found[0]}"


def _end_of(day: str) -> datetime:
    try:
        return datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(days=1)
    except (ValueError, OverflowError):
        raise InvalidFieldError("until", _("Give the last day.")) from None
