"""The page of the list that an institution keeps: who treats which patient; add, end."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from safelight.exchange.access.caring.lists import care_at_desk
from safelight.exchange.access.caring.relations import (
    LONGEST_CARE,
    CareWish,
    begin_care,
    clinicians_of,
    end_care,
)
from safelight.exchange.access.models import CareWay
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError, StateConflictError
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request

_FIELDS: Final = (
    "number",
    "born_on",
    "clinician",
    "way",
    "reason",
    "reference",
    "accession",
    "starts_on",
    "ends_on",
)
_USUAL: Final = timedelta(days=30)


@require_http_methods(["GET", "POST"])
@login_required
def care_page(request: HttpRequest) -> HttpResponse:
    """Show who treats whom, and enter one more."""
    party, at = party_of_request(request), clock.now()
    faults: dict[str, str] = {}
    wish = CareWish(**{name: request.POST.get(name, "").strip() for name in _FIELDS})
    if request.method == "POST":
        try:
            begin_care(party, wish, at=at)
        except InvalidFieldError as wrong:
            faults = {wrong.field: str(wrong)}
        except StateConflictError as there:
            faults = {"clinician": str(there)}
        else:
            messages.success(request, _("Entered. They can look from the first day on."))
            return redirect("desk-care")
    context = {
        "lines": care_at_desk(party, at=at),
        "wish": wish,
        "faults": faults,
        "clinicians": [(str(each), name) for each, name in clinicians_of(party)],
        "ways": [each for each in CareWay if each is not CareWay.DELIVERY],
        "today": at.date(),
        "default_end": at.date() + _USUAL,
        "latest_end": at.date() + LONGEST_CARE,
    }
    return render(request, "desk/care.html", context, status=422 if faults else 200)


@require_POST
@login_required
def end_page(request: HttpRequest, relation_id: str) -> HttpResponse:
    """End one, at once."""
    end_care(party_of_request(request), from_text(relation_id), at=clock.now())
    messages.success(request, _("Ended. From this second they see nothing of it."))
    return redirect("desk-care")
