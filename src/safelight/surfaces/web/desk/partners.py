"""The pages of the desk for partners and connections: list, add, change, open, suspend, close."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from safelight.exchange.access.connecting import (
    Hand,
    add_connection,
    add_partner,
    change_connection,
    close_connection,
    give_word,
    hand_of,
    list_connections,
    one_connection,
    open_connection,
    suspend_connection,
)
from safelight.exchange.access.trying import try_connection
from safelight.kernel import clock
from safelight.kernel.errors import (
    ExpectedError,
    InvalidFieldError,
    NotFoundError,
    StateConflictError,
)
from safelight.kernel.ids import from_text, to_text
from safelight.platform.peers.causes import Cause
from safelight.records.partners.kinds import BASES, ConnectionState
from safelight.records.partners.models import Connection
from safelight.records.partners.wishes import ConnectionWish
from safelight.surfaces.web.account import confirmation
from safelight.surfaces.web.callers import party_of_request
from safelight.surfaces.web.desk.partner_words import (
    AGREEMENTS,
    CAUSES,
    KINDS,
    certificates,
    name_in_words,
    needs_in_words,
    standing_in_words,
)

_TEXTS: Final = (
    *("name", "kind", "called", "calling", "host", "port", "url", "token", "networks", "basis"),
    *("client_certificate", "next_client_certificate"),
    *("server_certificate", "next_server_certificate"),
)
_TICKS: Final = ("they_send", "they_ask", "we_send", "is_plain", "holds_eea_data", "is_part2")
_MEANING: Final = "I have read this connection, and somebody else prepared it"
_TO_OPEN: Final = frozenset({ConnectionState.DRAFT, ConnectionState.SUSPENDED})


def hand_of_request(request: HttpRequest) -> Hand:
    """Return who asks as one of those who keep an institution's connections."""
    return hand_of(party_of_request(request))


@require_http_methods(["GET", "POST"])
@login_required
def list_page(request: HttpRequest) -> HttpResponse:
    """List partners and connections with how each stands, and add a partner."""
    hand, at = hand_of_request(request), clock.now()
    faults: dict[str, str] = {}
    said = {name: request.POST.get(name, "").strip() for name in ("partner", "country", "through")}
    if request.method == "POST":
        through = from_text(said["through"]) if said["through"] else None
        try:
            add_partner(
                hand, _place(hand), said["partner"], said["country"], through=through, at=at
            )
        except InvalidFieldError as wrong:
            faults = {wrong.field: str(wrong)}
        except StateConflictError as there:
            faults = {"partner": str(there)}
        else:
            messages.success(request, _("Added. Record the agreement with them next."))
            return redirect("desk-partners")
    partners, rows = list_connections(hand, at=at)
    context = {
        "partners": partners,
        "lines": [_line(row, at) for row in rows],
        "said": said,
        "faults": faults,
    }
    return render(request, "desk/partners.html", context, status=422 if faults else 200)


@require_http_methods(["GET", "POST"])
@login_required
def new_page(request: HttpRequest) -> HttpResponse:
    """Add a connection, as a draft that somebody else opens."""
    hand = hand_of_request(request)
    if request.method == "GET":
        return _form(request, hand, ConnectionWish(name="", kind="dimse", port="11112"), None, {})
    wish, whose = _wish(request), request.POST.get("partner", "")
    partner = from_text(whose) if whose else None
    try:
        row = add_connection(hand, _place(hand), partner, wish, at=clock.now())
    except InvalidFieldError as wrong:
        return _form(request, hand, wish, None, {wrong.field: str(wrong)})
    messages.success(request, _("Entered. Somebody else of the desk must open it."))
    return redirect("desk-connection", to_text(row.pk))


@require_http_methods(["GET", "POST"])
@login_required
def change_page(request: HttpRequest, connection_id: str) -> HttpResponse:
    """Change a connection; it lets nothing through until somebody else opens it again."""
    hand = hand_of_request(request)
    row = one_connection(hand, from_text(connection_id))
    if request.method == "GET":
        return _form(request, hand, _wish_of(row), row, {})
    wish = _wish(request, kept_token=row.token or "")
    try:
        change_connection(hand, row.pk, wish, at=clock.now())
    except InvalidFieldError as wrong:
        return _form(request, hand, wish, row, {wrong.field: str(wrong)})
    except StateConflictError as closed:
        return _form(request, hand, wish, row, {"name": str(closed)})
    messages.success(request, _("Changed. Nothing goes through until somebody else opens it."))
    return redirect("desk-connection", connection_id)


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def connection_page(request: HttpRequest, connection_id: str) -> HttpResponse:
    """Show one connection; open it as the second, test, suspend or close it."""
    hand, at = hand_of_request(request), clock.now()
    row = one_connection(hand, from_text(connection_id))
    error: ExpectedError | None = None
    word = ""
    if request.POST.get("act") == "word":
        try:
            word = give_word(hand, row.pk, at=at)
        except ExpectedError as refused:
            error = refused
    elif request.method == "POST":
        if (act := _ACTS.get(request.POST.get("act", ""))) is None:
            raise NotFoundError
        try:
            messages.success(request, act(request, hand, row, at))
        except ExpectedError as refused:
            error = refused
        else:
            return redirect("desk-connection", connection_id)
    row = one_connection(hand, row.pk)
    confirm = None
    if row.state in _TO_OPEN and row.changed_by != hand.name:
        confirm = confirmation.ask(request, _digest(row), _MEANING, at=at, error=error)
    context = _line(row, at) | {
        "certificates": certificates(row, at=at),
        "changed_by": name_in_words(row.changed_by),
        "opened_by": name_in_words(row.opened_by) if row.opened_by else "",
        "cause": CAUSES[Cause(row.test_outcome)] if row.test_outcome else None,
        "worked": row.test_outcome == Cause.ANSWERED,
        "word": word,
        "comes_by_web": row.kind != "dimse" and (row.they_send or row.they_ask),
        "has_word": bool(row.peer_token),
        "may_test": row.we_send and row.kind == "dimse" and row.state != ConnectionState.CLOSED,
        "confirm": confirm,
        "error": error if confirm is None else None,
    }
    return render(request, "desk/connection.html", context, status=error.status if error else 200)


def _open(request: HttpRequest, _hand: Hand, row: Connection, at: datetime) -> str:
    confirmation.confirmed(request, _digest(row), at=at)
    # The session has a fresh key by now: who acts is read once more.
    open_connection(hand_of_request(request), row.pk, as_of=row.changed_at, at=clock.now())
    return _("Opened. It lets through what its agreements allow.")


def _suspend(_request: HttpRequest, hand: Hand, row: Connection, at: datetime) -> str:
    suspend_connection(hand, row.pk, at=at)
    return _("Suspended, from this second on. Somebody else must open it again.")


def _close(_request: HttpRequest, hand: Hand, row: Connection, at: datetime) -> str:
    close_connection(hand, row.pk, at=at)
    return _("Closed for good, from this second on.")


def _test(_request: HttpRequest, hand: Hand, row: Connection, at: datetime) -> str:
    try_connection(hand, row.pk, at=at)
    return _("Tested. What came of it stands below.")


_ACTS: Final[dict[str, Callable[[HttpRequest, Hand, Connection, datetime], str]]] = {
    "open": _open,
    "suspend": _suspend,
    "close": _close,
    "test": _test,
}


def _digest(row: Connection) -> bytes:
    return confirmation.digest_of("open-connection", str(row.pk), row.changed_at.isoformat())


def _place(hand: Hand) -> UUID:
    """Return the institution for which somebody acts; who is at two desks acts for the first."""
    return min(hand.places or frozenset())


def _line(row: Connection, at: datetime) -> dict[str, Any]:
    words, icon, missing = standing_in_words(row, at=at)
    return {
        "row": row,
        "kind": KINDS[row.kind],  # type: ignore[index]
        "state": words,
        "icon": icon,
        "missing": missing,
        "needs": needs_in_words(row),
    }


def _wish(request: HttpRequest, *, kept_token: str = "") -> ConnectionWish:
    said = request.POST
    texts = {name: said.get(name, "").strip() for name in _TEXTS}
    texts["token"] = texts["token"] or kept_token
    ticks = {name: said.get(name) == "yes" for name in _TICKS}
    return ConnectionWish(**texts, **ticks)  # type: ignore[arg-type]


def _wish_of(row: Connection) -> ConnectionWish:
    kept: dict[str, Any] = {name: getattr(row, name) or "" for name in _TEXTS if name != "port"}
    kept |= {name: getattr(row, name) for name in _TICKS}
    return ConnectionWish(**kept, port=str(row.port or ""))


def _form(
    request: HttpRequest,
    hand: Hand,
    wish: ConnectionWish,
    row: Connection | None,
    faults: dict[str, str],
) -> HttpResponse:
    partners, _rows = list_connections(hand, at=clock.now())
    context = {
        "wish": wish,
        "row": row,
        "faults": faults,
        "partners": [(to_text(each.pk), each.name) for each in partners],
        "whose": request.POST.get("partner", ""),
        "kinds": KINDS.items(),
        "bases": [(each.value, AGREEMENTS[each]) for each in BASES],
        "has_token": bool(row and row.token),
    }
    status = 422 if faults else 200
    return render(request, "desk/connection_form.html", context, status=status)
