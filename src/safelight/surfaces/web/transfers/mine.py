"""The pages of who decides about an exam: send it to a hospital's system, and follow it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from safelight.exchange.release.transfer.changing import desks_of, retry, stop
from safelight.exchange.release.transfer.listing import one_transfer, transfers_of_exam
from safelight.exchange.release.transfer.offering import (
    offers_for,
    own_transfers,
    start_transfer,
)
from safelight.exchange.release.transfer.ordering import order
from safelight.exchange.release.viewing.overview import exam
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, NotFoundError, StateConflictError
from safelight.kernel.ids import from_text, to_text
from safelight.surfaces.web.callers import party_of_request
from safelight.surfaces.web.transfers.words import (
    ITEM_STATES,
    cause_in_words,
    line_of,
    refused_in_words,
)

_ACTS: Final[dict[str, tuple[Callable[..., None], Promise]]] = {
    "stop": (stop, gettext_lazy("Stopped. Nothing more leaves.")),
    "retry": (retry, gettext_lazy("It is tried again.")),
}


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def send_page(request: HttpRequest, exam_id: str) -> HttpResponse:
    """Choose the hospital; what is not agreed yet goes through the one ceremony first."""
    party, at = party_of_request(request), clock.now()
    study_id = from_text(exam_id)
    offers = offers_for(party, study_id, at=at)
    fault = ""
    if request.method == "POST":
        said = request.POST.get("to", "")
        offer = next((each for each in offers if to_text(each.connection_id) == said), None)
        try:
            if offer is None:
                fault = _("Choose a hospital from the list.")
            elif not offer.is_agreed:
                draft = start_transfer(party, study_id, offer.connection_id, at=at)
                return redirect("share-what", to_text(draft))
            else:
                row = order(party, study_id, offer.connection_id, at=at)
                messages.success(request, _("The copy is on its way."))
                return redirect("transfer", to_text(row.pk))
        except ExpectedError as refused:
            fault = refused_in_words(refused)
    context = {
        "exam": exam(party, study_id, at=at).summary,
        "offers": [(each, cause_in_words(each.refusal)) for each in offers],
        "lines": [line_of(each) for each in transfers_of_exam(party, study_id, at=at)],
        "fault": fault,
    }
    return render(request, "transfers/send.html", context, status=409 if fault else 200)


@require_GET
@login_required
def list_page(request: HttpRequest) -> HttpResponse:
    """List where one's exams were and are sent."""
    party, at = party_of_request(request), clock.now()
    lines = [line_of(each) for each in own_transfers(party, at=at)]
    return render(request, "transfers/mine.html", {"lines": lines})


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def transfer_page(request: HttpRequest, transfer_id: str) -> HttpResponse:
    """Show how far one transfer is and what stands in its way; stop it, or try it again."""
    party, at = party_of_request(request), clock.now()
    identity = from_text(transfer_id)
    fault = ""
    if request.method == "POST":
        if (act := _ACTS.get(request.POST.get("act", ""))) is None:
            raise NotFoundError
        do, done = act
        try:
            do(party, identity, at=at)
        except StateConflictError as refused:
            fault = str(refused)
        else:
            messages.success(request, str(done))
            return redirect("transfer", transfer_id)
    standing, objects = one_transfer(party, identity, at=at)
    context = line_of(standing) | {
        "objects": [
            (count, ITEM_STATES[state], cause_in_words(cause))
            for (state, cause), count in sorted(objects.items())
        ],
        "is_desk": bool(desks_of(party)),
        "fault": fault,
        "now": at,
    }
    return render(request, "transfers/one.html", context, status=409 if fault else 200)
