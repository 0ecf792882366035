"""What happens once somebody has signed that a copy goes to another institution?"""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from safelight.exchange.access.facts import Party
from safelight.exchange.release.people import name_of_system
from safelight.exchange.release.sharing.drafts import Choices, find_draft
from safelight.exchange.release.transfer.offering import order_agreed
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError
from safelight.kernel.ids import to_text
from safelight.surfaces.web.callers import party_of_request
from safelight.surfaces.web.transfers.words import refused_in_words


def sent_to(party: Party, draft_id: UUID) -> str:
    """Return the system to which a copy goes once a draft is signed; empty where to none."""
    _draft, choices = find_draft(party, draft_id)
    return name_of_system(UUID(choices.send_over)) if choices.send_over else ""


def send_agreed(request: HttpRequest, choices: Choices, consent_id: UUID) -> HttpResponse:
    """Order what was just signed, and lead to where it can be followed."""
    try:
        ordered = order_agreed(party_of_request(request), choices, at=clock.now())
    except ExpectedError as refused:
        messages.error(request, _("You have agreed, but nothing is on its way yet."))
        messages.error(request, refused_in_words(refused))
        return redirect("share-done", to_text(consent_id))
    messages.success(request, _("Agreed. The copy is on its way."))
    if len(ordered) == 1:
        return redirect("transfer", to_text(ordered[0].pk))
    return redirect("transfers")
