"""The pages of the desk: what goes out and what stands in its way, what came in, and sending."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from safelight.exchange.receive.delivered import deliveries
from safelight.exchange.release.transfer.coercion import Change, Wish
from safelight.exchange.release.transfer.listing import queue_of_desk
from safelight.exchange.release.transfer.models import LIVE, TransferState
from safelight.exchange.release.transfer.offering import offers_of_desk
from safelight.exchange.release.transfer.ordering import order, preview
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, InvalidFieldError, NotFoundError
from safelight.kernel.ids import from_text, to_text
from safelight.surfaces.web.account import confirmation
from safelight.surfaces.web.callers import party_of_request
from safelight.surfaces.web.transfers.words import (
    ATTRIBUTES,
    CHANNELS,
    cause_in_words,
    line_of,
    refused_in_words,
)

_WISHED: Final = ("patient_id", "issuer", "accession")
_WORKING: Final = frozenset({TransferState.QUEUED, TransferState.SENDING})


@never_cache
@require_GET
@login_required
def queue_page(request: HttpRequest) -> HttpResponse:
    """Show what goes out, what somebody must look at, what went, and what came in."""
    party, at = party_of_request(request), clock.now()
    lines = [
        line_of(each.standing) | {"patient": each.patient, "number": each.number}
        for each in queue_of_desk(party, at=at)
    ]
    groups = {
        "failed": [each for each in lines if each["is_bad"]],
        "waiting": [
            each
            for each in lines
            if each["standing"].state in LIVE and each["standing"].state not in _WORKING
        ],
        "going": [each for each in lines if each["standing"].state in _WORKING],
        "over": [
            each for each in lines if not each["is_bad"] and each["standing"].state not in LIVE
        ],
    }
    came = [(each, CHANNELS[each.channel]) for each in deliveries(party)]
    return render(request, "transfers/desk.html", groups | {"came": came})


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def new_page(request: HttpRequest) -> HttpResponse:
    """Send an exam that a patient agreed to; what changes for the receiver is shown first."""
    party, at = party_of_request(request), clock.now()
    offers = offers_of_desk(party, at=at)
    said = {name: request.POST.get(name, "").strip() for name in ("study", "to", *_WISHED)}
    faults: dict[str, str] = {}
    changes: list[Change] | None = None
    if request.method == "POST":
        wish = Wish(**{name: said[name] for name in _WISHED})
        faults = {
            name: words
            for name, words in (
                ("study", _("Which exam? Its Study Instance UID.")),
                ("to", _("Choose where it goes.")),
            )
            if not said[name]
        }
        try:
            if not faults:
                over = from_text(said["to"])
                changes = preview(party, said["study"], over, wish, at=at)
                if request.POST.get("act") == "send" and request.POST.get("shown") == _shown(said):
                    row = order(party, said["study"], over, at=at, wish=wish)
                    messages.success(request, _("Ordered. It is on its way."))
                    return redirect("transfer", to_text(row.pk))
        except InvalidFieldError as wrong:
            faults = {wrong.field: str(wrong)}
        except NotFoundError:
            faults = {
                "study": _("No exam of this UID may go there: perhaps the patient has not agreed.")
            }
        except ExpectedError as refused:
            faults = {"to": refused_in_words(refused)}
    context = {
        "offers": [
            (to_text(each.connection_id), each, cause_in_words(each.refusal)) for each in offers
        ],
        "said": said,
        "faults": faults,
        "shown": _shown(said),
        "changes": None
        if faults or changes is None
        else [(ATTRIBUTES[each.name], each) for each in changes],
    }
    return render(request, "transfers/new.html", context, status=422 if faults else 200)


def _shown(said: dict[str, str]) -> str:
    """Return by what it is known that what is sent is what was shown."""
    return confirmation.digest_of("transfer", *said.values()).hex()
