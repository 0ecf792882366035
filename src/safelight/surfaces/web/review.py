"""The page on which looks that rules picked are looked at again."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from safelight.exchange.access.reading import reading_of
from safelight.governance.review.deciding import decide, items_for
from safelight.governance.review.models import Decision, Item
from safelight.governance.review.rules import Rule
from safelight.governance.review.watching import watches
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request

LONGEST: Final = 1000
RULES: Final[dict[str, Promise]] = {
    Rule.OWN_FAMILY: gettext_lazy("They act for this person, or this person for them"),
    Rule.SAME_SURNAME: gettext_lazy("They have the patient's surname"),
    Rule.MARKED_PERSON: gettext_lazy("This person's exams are watched"),
    Rule.MASS_VIEW: gettext_lazy("More than twenty looks within an hour"),
    Rule.AFTER_HOURS: gettext_lazy("At night, or at a weekend"),
    Rule.UNUSUAL_PLACE: gettext_lazy("From a place where they never were"),
    Rule.OUTSIDE: gettext_lazy("Something touched the database past Safelight"),
    Rule.SAMPLE: gettext_lazy("Drawn by chance"),
}
DECISIONS: Final[dict[str, Promise]] = {
    Decision.FINE: gettext_lazy("It was right"),
    Decision.TALKED: gettext_lazy("We talked about it"),
    Decision.WRONG: gettext_lazy("It was wrong"),
}


@require_GET
@login_required
def review_page(request: HttpRequest) -> HttpResponse:
    """Show what waits for this reader and what was decided; that it was read is recorded."""
    party, at = party_of_request(request), clock.now()
    items, decided = items_for(party, at=at), items_for(party, at=at, decided=True)
    may_decide = reading_of(party).may_name
    return render(
        request,
        "officer/review.html",
        shown(items, decided, reader=party.name, may=may_decide) | {"may_watch": watches(party)},
    )


@require_POST
@login_required
def decide_page(request: HttpRequest, item_id: str) -> HttpResponse:
    """Keep what a reviewer found."""
    party = party_of_request(request)
    reading_of(party)  # for all others there is nothing here, whatever they send
    try:
        decision = Decision(request.POST.get("decision", ""))
    except ValueError:
        raise InvalidFieldError("decision", "It is none of the three.") from None
    words = request.POST.get("words", "").strip()[:LONGEST]
    decide(party, from_text(item_id), decision, words, at=clock.now())
    messages.success(request, _("Your decision is kept."))
    return redirect("operator-review")


def shown(items: list[Item], decided: list[Item], *, reader: str, may: bool) -> dict[str, Any]:
    """Return what the page shows. A reader's own acts are for somebody else."""
    return {
        "waiting": [(each, RULES[each.rule], may and each.actor != reader) for each in items],
        "decided": [(each, RULES[each.rule], DECISIONS[each.decision]) for each in decided],
        "decisions": DECISIONS,
        "room": "operator-review",
        "longest": LONGEST,
    }
