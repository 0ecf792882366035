"""The pages by which two of an institution verify who acts for whom, and end or block it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from safelight.exchange.access.facts import Party
from safelight.exchange.access.officer import is_officer
from safelight.exchange.access.representing.ending import block, end_acting, settle_dispute
from safelight.exchange.access.representing.verifying import (
    confirm_evidence,
    paper_of,
    read_evidence,
    refuse_evidence,
    row_to_verify,
    to_verify,
    verifies_for,
)
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError, NotFoundError, StateConflictError
from safelight.kernel.ids import from_text
from safelight.surfaces.web.callers import party_of_request


def _staff(request: HttpRequest) -> Party:
    party = party_of_request(request)
    if not verifies_for(party):
        raise NotFoundError
    return party


@require_GET
@login_required
def list_page(request: HttpRequest) -> HttpResponse:
    """List what waits to be verified here, and what was."""
    rows = to_verify(_staff(request), at=clock.now())
    context = {
        "waiting": [row for row in rows if row.state == "pending"],
        "others": [row for row in rows if row.state != "pending"],
    }
    return render(request, "officer/acting.html", context)


@require_GET
@login_required
def one_page(request: HttpRequest, representative_id: str) -> HttpResponse:
    """Show one request with its evidence; that it was read is on record."""
    party = _staff(request)
    row = row_to_verify(party, from_text(representative_id))
    context = {
        "row": row,
        "evidence": read_evidence(party, row.pk, at=clock.now()),
        "did_first": row.first_by_id == party.account_id,
        "is_known": row.represented_id is not None or row.patient_id is not None,
        "may_block": is_officer(party),
    }
    return render(request, "officer/acting_one.html", context)


@require_GET
@login_required
def paper(request: HttpRequest, representative_id: str, evidence_id: str) -> HttpResponse:
    """Hand over a paper as it came, to be saved and never shown within a page."""
    party = _staff(request)
    found = paper_of(party, from_text(representative_id), from_text(evidence_id), at=clock.now())
    response = HttpResponse(found, content_type="application/octet-stream")
    response["Content-Disposition"] = 'attachment; filename="evidence"'
    return response


@require_POST
@login_required
def decide_page(request: HttpRequest, representative_id: str) -> HttpResponse:
    """Confirm or refuse the evidence, end what was verified, settle a dispute, or block."""
    party = _staff(request)
    act = _ACTS.get(request.POST.get("act", ""))
    if act is None:
        raise NotFoundError
    try:
        messages.success(request, act(request, party, representative_id))
    except (InvalidFieldError, StateConflictError) as wrong:
        messages.error(request, str(wrong))
    return redirect("staff-acting-one", representative_id)


def _confirm(_request: HttpRequest, party: Party, identity: str) -> str:
    row = confirm_evidence(party, from_text(identity), at=clock.now())
    if row.second_by_id is None:
        return _("Noted. Somebody else here must look at it too.")
    return _("Verified by two. They can act from now on.")


def _refuse(_request: HttpRequest, party: Party, identity: str) -> str:
    refuse_evidence(party, from_text(identity), at=clock.now())
    return _("Refused. Nothing was opened.")


def _end(_request: HttpRequest, party: Party, identity: str) -> str:
    end_acting(party, from_text(identity), at=clock.now())
    return _("Ended. From this second on nothing is open any more.")


def _settle(request: HttpRequest, party: Party, identity: str) -> str:
    words = request.POST.get("words", "")
    settle_dispute(party, from_text(identity), words, at=clock.now())
    return _("Settled. Those who act can share again.")


def _block(request: HttpRequest, party: Party, identity: str) -> str:
    block(party, from_text(identity), request.POST.get("words", ""), at=clock.now())
    return _("Closed. They are told nothing of it.")


_ACTS: dict[str, Callable[[HttpRequest, Party, str], str]] = {
    "confirm": _confirm,
    "refuse": _refuse,
    "end": _end,
    "settle": _settle,
    "block": _block,
}
