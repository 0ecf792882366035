"""The pages of the desk for agreements with a partner: record, verify, read and end them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from safelight.exchange.access.connecting import Hand, one_partner
from safelight.governance.agreements.models import Agreement
from safelight.governance.agreements.recording import (
    LARGEST_PAPER,
    AgreementState,
    AgreementWish,
    agreements_with,
    closes_with,
    end_agreement,
    one_agreement,
    paper_of,
    record_agreement,
    state_of,
    verify_agreement,
)
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, InvalidFieldError, NotFoundError
from safelight.kernel.ids import from_text, to_text
from safelight.surfaces.web.account import confirmation
from safelight.surfaces.web.desk.partner_words import AGREEMENTS, STANDS, name_in_words
from safelight.surfaces.web.desk.partners import hand_of_request

_FIELDS: Final = ("parties", "starts_on", "ends_on")
_MEANING: Final = "I have read the signed paper, and it says what somebody else recorded"
_DAY: Final = timedelta(days=1)
_LAST: Final = frozenset({AgreementState.EXPIRED, AgreementState.ENDED})


@require_http_methods(["GET", "POST"])
@login_required
def list_page(request: HttpRequest, partner_id: str) -> HttpResponse:
    """List the agreements with a partner, and record one more with its paper."""
    hand, at = hand_of_request(request), clock.now()
    partner = one_partner(hand, from_text(partner_id))
    faults: dict[str, str] = {}
    said = {name: request.POST.get(name, "").strip() for name in ("agreement", "renews", *_FIELDS)}
    if request.method == "POST":
        paper = request.FILES.get("paper")
        wish = AgreementWish(
            kind=said["agreement"],
            renews=from_text(said["renews"]) if said["renews"] else None,
            **{name: said[name] for name in _FIELDS},
        )
        scan = paper.read(LARGEST_PAPER + 1) if paper is not None else b""
        try:
            row = record_agreement(hand, partner.pk, wish, scan, at=at)
        except InvalidFieldError as wrong:
            faults = {wrong.field: str(wrong)}
        else:
            messages.success(request, _("Recorded. Somebody else of the desk must verify it."))
            return redirect("desk-agreement", to_text(row.pk))
    lines = [_line(row, at) for row in agreements_with(hand, partner.pk)]
    context = {
        "partner": partner,
        "lines": lines,
        "kinds": [(kind.value, words) for kind, words in AGREEMENTS.items()],  # type: ignore[attr-defined]
        "said": said,
        "faults": faults,
    }
    return render(request, "desk/agreements.html", context, status=422 if faults else 200)


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def agreement_page(request: HttpRequest, agreement_id: str) -> HttpResponse:
    """Show one agreement; verify it as the second, or end it before its time."""
    hand, at = hand_of_request(request), clock.now()
    row = one_agreement(hand, from_text(agreement_id))
    error: ExpectedError | None = None
    if request.method == "POST":
        if (act := _ACTS.get(request.POST.get("act", ""))) is None:
            raise NotFoundError
        try:
            messages.success(request, act(request, hand, row, at))
        except ExpectedError as refused:
            error = refused
        else:
            return redirect("desk-agreement", agreement_id)
    row = one_agreement(hand, row.pk)
    line, confirm, faults = _line(row, at), None, {}
    if line["stands"] is AgreementState.WAITING and row.recorded_by != hand.name:
        confirm = confirmation.ask(request, _digest(row), _MEANING, at=at, error=error)
    if isinstance(error, InvalidFieldError) and error.field == "because":
        faults = {"because": str(error)}
    context = line | {
        "partner": one_partner(hand, row.partner_id),
        "recorded_by": name_in_words(row.recorded_by),
        "verified_by": name_in_words(row.verified_by) if row.verified_by else "",
        "ended_by": name_in_words(row.ended_by) if row.ended_by else "",
        "closes": closes_with(row, at=at),
        "sha256": bytes(row.digest).hex(),
        "may_end": line["stands"] not in _LAST,
        "because": request.POST.get("because", ""),
        "confirm": confirm,
        "faults": faults,
        "error": error if confirm is None and not faults else None,
    }
    return render(request, "desk/agreement.html", context, status=error.status if error else 200)


@require_GET
@login_required
def paper_file(request: HttpRequest, agreement_id: str) -> HttpResponse:
    """Hand over a paper as it came, to be saved and never shown within a page."""
    found = paper_of(hand_of_request(request), from_text(agreement_id), at=clock.now())
    response = HttpResponse(found, content_type="application/octet-stream")
    response["Content-Disposition"] = 'attachment; filename="agreement.pdf"'
    return response


def _verify(request: HttpRequest, _hand: Hand, row: Agreement, at: datetime) -> str:
    confirmation.confirmed(request, _digest(row), at=at)
    verify_agreement(hand_of_request(request), row.pk, at=clock.now())
    return _("Verified. From its first day to its last it counts.")


def _end(request: HttpRequest, hand: Hand, row: Agreement, at: datetime) -> str:
    end_agreement(hand, row.pk, request.POST.get("because", ""), at=at)
    return _("Ended, from this second on. What rested on it is closed.")


_ACTS: Final[dict[str, Callable[[HttpRequest, Hand, Agreement, datetime], str]]] = {
    "verify": _verify,
    "end": _end,
}


def _digest(row: Agreement) -> bytes:
    return confirmation.digest_of("verify-agreement", str(row.pk), bytes(row.digest).hex())


def _line(row: Agreement, at: datetime) -> dict[str, Any]:
    stands = state_of(row, at=at)
    return {
        "row": row,
        "kind": AGREEMENTS[row.kind],
        "stands": stands,
        "state": STANDS[stands][0],
        "icon": STANDS[stands][1],
        "last": row.ends_at - _DAY,
    }
