"""The pages of an outsider: show the link, say who you are, send, and keep the receipt.

GET changes nothing. A link that opens nothing is answered the same whatever the
reason, and so is whoever shows no right secret.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from safelight.exchange.receive.asked.links import whom_of
from safelight.exchange.receive.asked.parcels import arrived, own_parcel, sent
from safelight.exchange.receive.asked.rules import Introduced
from safelight.exchange.receive.asked.senders import (
    find_sender,
    introduce,
    named_sender,
    send_another_code,
    show_secret,
)
from safelight.exchange.receive.errors import NotAsAskedError, WrongCheckError
from safelight.exchange.receive.models import Sender
from safelight.exchange.receive.uploads import LARGEST_FILE
from safelight.exchange.release.papers.parcel_receipt import parcel_receipt
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import from_text, to_text
from safelight.records.accounts.errors import RateLimitedError
from safelight.surfaces.web.account.visitor import source_of

SENDER_COOKIE: Final = "__Host-sender"
_A_WEEK: Final = 7 * 24 * 3600


@require_http_methods(["GET", "POST"])
def open_page(request: HttpRequest, link_id: str) -> HttpResponse:
    """Take the link's secret, which a script finds in the address."""
    if request.method == "GET":
        return render(request, "outside/open.html", {"link_id": link_id})
    try:
        entered = show_secret(
            from_text(link_id),
            secret=request.POST.get("secret", ""),
            cookie=_cookie(request),
            origin=source_of(request),
            at=clock.now(),
        )
    except NotFoundError:
        context = {"link_id": link_id, "wrong": True}
        return render(request, "outside/open.html", context, status=HTTPStatus.NOT_FOUND)
    return _with_cookie(redirect("sender-who", link_id), entered.cookie)


@require_http_methods(["GET", "POST"])
def who_page(request: HttpRequest, link_id: str) -> HttpResponse:
    """Say who asks and what for; take who is sending, that they may, and the second check."""
    at, typed = clock.now(), request.POST
    try:
        sender = find_sender(from_text(link_id), _cookie(request), at=at)
        if sender.named_at is not None:
            return redirect("sender-send", link_id)
        if request.method == "GET":
            return _ask(request, link_id, sender)
        said = Introduced(
            name=" ".join(typed.get("name", "").split()),
            address=typed.get("address", "").strip(),
            relation=" ".join(typed.get("relation", "").split()),
            may_send=typed.get("may_send") == "yes",
        )
        cookie = introduce(sender, said, answer=typed.get("answer", ""), at=at)
    except NotAsAskedError as wrong:
        return _ask(request, link_id, sender, faults=wrong.faults, status=422)
    except WrongCheckError as wrong:
        return _ask(request, link_id, sender, tries_left=wrong.tries_left, status=403)
    except NotFoundError:
        return redirect("sender-open", link_id)
    return _with_cookie(redirect("sender-send", link_id), cookie)


@require_POST
def another_code(request: HttpRequest, link_id: str) -> HttpResponse:
    """Send a fresh code to the address from which images are expected."""
    at = clock.now()
    try:
        sender = find_sender(from_text(link_id), _cookie(request), at=at)
        send_another_code(sender, at=at)
    except NotFoundError:
        return redirect("sender-open", link_id)
    except RateLimitedError:
        return _ask(request, link_id, sender, too_many_codes=True, status=429)
    return redirect("sender-who", link_id)


@require_GET
def send_page(request: HttpRequest, link_id: str) -> HttpResponse:
    """Show the uploader, and what this browser sent before."""
    try:
        sender = named_sender(from_text(link_id), _cookie(request), at=clock.now())
    except NotFoundError:
        return redirect("sender-open", link_id)
    whom, root = whom_of(sender.request), f"/uploads/by-link/{link_id}"
    data = {
        "holder": None,
        "outsider": whom,
        "csrf": get_token(request),
        "endpoints": {
            "batches": f"{root}/batches",
            "uploads": root,
            "known": "",
            "exams": reverse("sender-who", args=[link_id]),
        },
        "largest_file": LARGEST_FILE,
    }
    context = {
        "data": data,
        "whom": whom,
        "sent": sent(sender),
        "link_id": link_id,
        "is_full": sender.request.parcels_left == 0,
        "is_guest": True,
    }
    return render(request, "outside/send.html", context)


@require_GET
def receipt_page(request: HttpRequest, link_id: str, parcel_id: str) -> HttpResponse:
    """Show what arrived; nothing of what was there before."""
    try:
        sender = named_sender(from_text(link_id), _cookie(request), at=clock.now())
        parcel = own_parcel(sender, from_text(parcel_id))
    except NotFoundError:
        return redirect("sender-open", link_id)
    context = {
        "arrived": arrived(parcel, whom_of(sender.request)),
        "sender": sender,
        "link_id": link_id,
        "parcel_id": parcel_id,
        "may_send_more": sender.request.parcels_left > 0,
        "is_guest": True,
    }
    return render(request, "outside/sent.html", context)


@require_GET
def receipt_file(request: HttpRequest, link_id: str, parcel_id: str) -> HttpResponse:
    """Send the signed receipt."""
    try:
        sender = named_sender(from_text(link_id), _cookie(request), at=clock.now())
        parcel = own_parcel(sender, from_text(parcel_id))
    except NotFoundError:
        return redirect("sender-open", link_id)
    if parcel.finished_at is None:  # its page says that it is still coming in
        return redirect("sender-receipt", link_id, parcel_id)
    data = parcel_receipt(arrived(parcel, whom_of(sender.request)), sender)
    response = HttpResponse(data, content_type="application/pdf")
    name = f"receipt-{to_text(parcel.pk)}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _ask(
    request: HttpRequest,
    link_id: str,
    sender: Sender,
    *,
    faults: dict[str, str] | None = None,
    tries_left: int | None = None,
    too_many_codes: bool = False,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    context = {
        "link_id": link_id,
        "asked": sender.request,
        "whom": whom_of(sender.request),
        "faults": faults or {},
        "tries_left": tries_left,
        "too_many_codes": too_many_codes,
        # One slip does not cost the rest of what was typed.
        "typed": request.POST,
        "is_guest": True,
    }
    return render(request, "outside/who.html", context, status=status)


def _cookie(request: HttpRequest) -> str:
    return request.COOKIES.get(SENDER_COOKIE, "")


def _with_cookie(response: HttpResponse, cookie: str) -> HttpResponse:
    response.set_cookie(
        SENDER_COOKIE, cookie, max_age=_A_WEEK, secure=True, httponly=True, samesite="Lax"
    )
    return response
