"""The pages of a recipient: show the secret, prove the address, look.

GET changes nothing: a mail scanner that opens the link finds a page that says
nothing. Whoever shows no right secret learns nothing, not even whether there
is such a share.
"""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from safelight.exchange.access.facts import Party
from safelight.exchange.release.errors import (
    ShareLockedError,
    TooManyCodesError,
    WrongProofError,
)
from safelight.exchange.release.obligations import obligations_on
from safelight.exchange.release.reports.listing import report_chains
from safelight.exchange.release.sharing.entries import (
    find_entry,
    guest,
    renew_cookie,
    send_another_code,
    show_secret,
)
from safelight.exchange.release.sharing.named import begin
from safelight.exchange.release.sharing.offers import Offer, offer_of
from safelight.exchange.release.sharing.proof import (
    accept_as_account,
    is_named_in,
    prove,
    turn_down,
    wrong_person,
)
from safelight.exchange.release.viewing.download import download
from safelight.exchange.release.viewing.overview import exam, exams
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, NotFoundError
from safelight.kernel.ids import from_text
from safelight.records.accounts import throttle
from safelight.records.accounts.errors import RateLimitedError
from safelight.surfaces.web.account.visitor import source_of
from safelight.surfaces.web.callers import party_of_request
from safelight.surfaces.web.viewing import viewer_data

GUEST_COOKIE = "__Host-guest"
_HALF_A_DAY = 12 * 3600


@require_http_methods(["GET", "POST"])
def open_page(request: HttpRequest, share_id: str) -> HttpResponse:
    """Ask for the link's secret (a script finds it in the address) or the printed code."""
    if request.method == "GET":
        return render(request, "recipient/open.html", {"share_id": share_id})
    if request.POST.get("as_account") == "yes":
        return _begin_as_account(request, share_id)
    source = throttle.network_of(source_of(request))
    throttle.take(throttle.REDEEM_SOURCE, source, at=clock.now())
    try:
        entered = show_secret(
            from_text(share_id),
            sends_code=not is_named_in(party_of_request(request), from_text(share_id)),
            link_secret=request.POST.get("secret", ""),
            printed=request.POST.get("printed", ""),
            cookie=request.COOKIES.get(GUEST_COOKIE, ""),
            origin=source_of(request),
            at=clock.now(),
        )
    except RateLimitedError:
        raise
    except NotFoundError:
        return render(
            request,
            "recipient/open.html",
            {"share_id": share_id, "wrong": True},
            status=HTTPStatus.NOT_FOUND,
        )
    except ExpectedError as ended:
        return ended_page(request, ended)
    throttle.give_back(throttle.REDEEM_SOURCE, source)
    return _with_cookie(redirect("share-prove", share_id), entered.cookie)


def _begin_as_account(request: HttpRequest, share_id: str) -> HttpResponse:
    """Go on to the proof without the link, where the account's own address is named."""
    cookie, party = request.COOKIES.get(GUEST_COOKIE, ""), party_of_request(request)
    try:
        entered = begin(party, from_text(share_id), cookie=cookie, at=clock.now())
    except NotFoundError:
        return redirect("share-open", share_id)
    except ExpectedError as ended:
        return ended_page(request, ended)
    return _with_cookie(redirect("share-prove", share_id), entered.cookie)


def _with_cookie(response: HttpResponse, cookie: str) -> HttpResponse:
    response.set_cookie(
        GUEST_COOKIE,
        cookie,
        max_age=_HALF_A_DAY,
        secure=True,
        httponly=True,
        samesite="Lax",
    )
    return response


@require_http_methods(["GET", "POST"])
def prove_page(request: HttpRequest, share_id: str) -> HttpResponse:
    """Take the one-time code and, where it was agreed, the passphrase."""
    at = clock.now()
    try:
        entry = find_entry(from_text(share_id), _cookie(request), at=at)
        if entry.proved_at is not None:
            return redirect("shared-exams", share_id)
        offer = offer_of(entry, party_of_request(request), at=at)
        if request.method == "GET":
            return _ask(request, share_id, offer)
        if request.POST.get("agreed") != "yes":
            return _ask(request, share_id, offer, wants_agreement=True)
        passphrase = request.POST.get("passphrase", "")
        if offer.is_your_account and request.POST.get("as_account") == "yes":
            accept_as_account(party_of_request(request), entry, passphrase=passphrase, at=at)
        else:
            prove(entry, code=request.POST.get("code", ""), passphrase=passphrase, at=at)
    except WrongProofError as wrong:
        return _ask(request, share_id, offer, wrong=wrong)
    except NotFoundError:
        return redirect("share-open", share_id)
    except ExpectedError as ended:
        return ended_page(request, ended)
    return _with_cookie(redirect("shared-exams", share_id), renew_cookie(_cookie(request)))


@require_POST
def another_code(request: HttpRequest, share_id: str) -> HttpResponse:
    """Send a fresh code to the named address."""
    at = clock.now()
    try:
        entry = find_entry(from_text(share_id), _cookie(request), at=at)
        offer = offer_of(entry, party_of_request(request), at=at)
        send_another_code(entry, at=at)
    except NotFoundError:
        return redirect("share-open", share_id)
    except TooManyCodesError:
        return _ask(request, share_id, offer, too_many_codes=True)
    except ExpectedError as ended:
        return ended_page(request, ended)
    return redirect("share-prove", share_id)


@require_POST
def not_for_me(request: HttpRequest, share_id: str) -> HttpResponse:
    """Close a share that reached the wrong person."""
    at = clock.now()
    wrong_person(find_entry(from_text(share_id), _cookie(request), at=at), at=at)
    return render(request, "recipient/wrong.html")


@require_POST
def turn_down_page(request: HttpRequest, share_id: str) -> HttpResponse:
    """Close a share whose recipient does not want to look."""
    at = clock.now()
    turn_down(find_entry(from_text(share_id), _cookie(request), at=at), at=at)
    return render(request, "recipient/turned_down.html")


@require_GET
def shared_exams_page(request: HttpRequest, share_id: str) -> HttpResponse:
    """Show what was shared, and nothing else."""
    at = clock.now()
    try:
        entry = find_entry(from_text(share_id), _cookie(request), at=at)
        offer = offer_of(entry, party_of_request(request), at=at)
        if entry.proved_at is None:
            return redirect("share-prove", share_id)
        if offer.is_waiting:
            return render(request, "recipient/waiting.html", {"offer": offer})
        party = guest(from_text(share_id), _cookie(request), at=at)
    except NotFoundError:
        return redirect("share-open", share_id)
    except ExpectedError as ended:
        return ended_page(request, ended)
    seen = exams(party, at=at)
    context = {
        "offer": offer,
        "exams": seen,
        "bound": obligations_on(party, seen[0].study_id, at=at) if seen else None,
        "share_id": share_id,
        "root": f"/dicomweb/shares/{share_id}",
        "now": at,
    }
    return render(request, "recipient/exam.html", context)


@require_GET
def shared_viewer_page(request: HttpRequest, share_id: str, exam_id: str) -> HttpResponse:
    """Show the shared pictures in the dark room."""
    at = clock.now()
    try:
        party = guest(from_text(share_id), _cookie(request), at=at)
        detail = exam(party, from_text(exam_id), at=at)
    except NotFoundError:
        return redirect("share-open", share_id)
    except ExpectedError as ended:
        return ended_page(request, ended)
    data = viewer_data(
        detail.summary,
        root=f"/dicomweb/shares/{share_id}",
        series_uid=request.GET.get("series", ""),
        is_guest=True,
    )
    context = {
        "exam": detail,
        "data": data,
        "back": f"/s/{share_id}/exams/",
        "workplace": f"/s/{share_id}/exams/{exam_id}/workplace/",
        "chains": report_chains(party, detail.summary, at=at),
        "papers": f"/s/{share_id}/exams/{exam_id}/reports/",
        "bound": obligations_on(party, detail.summary.study_id, at=at),
        "is_guest": True,
    }
    return render(request, "viewer/viewer.html", context)


@require_POST
def download_shared(request: HttpRequest, share_id: str, exam_id: str) -> StreamingHttpResponse:
    """Send a copy, if that was agreed."""

    def who(at: datetime) -> Party:
        return guest(from_text(share_id), _cookie(request), at=at)

    leaving = download(who(clock.now()), from_text(exam_id), now=clock.now, who=who)
    response = StreamingHttpResponse(leaving.pieces, content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="exam.zip"'
    return response


def _cookie(request: HttpRequest) -> str:
    return request.COOKIES.get(GUEST_COOKIE, "")


def _ask(
    request: HttpRequest,
    share_id: str,
    offer: Offer,
    *,
    wrong: WrongProofError | None = None,
    wants_agreement: bool = False,
    too_many_codes: bool = False,
) -> HttpResponse:
    context = {
        "share_id": share_id,
        "offer": offer,
        "tries_left": wrong.tries_left if wrong else None,
        "wrong_words": wrong is not None and wrong.is_code_right,
        # One slip does not cost the rest of what was typed.
        "typed": request.POST,
        "wants_agreement": wants_agreement,
        "too_many_codes": too_many_codes,
        "now": clock.now(),
    }
    status = HTTPStatus.OK
    if wrong is not None:
        status = HTTPStatus.FORBIDDEN
    elif wants_agreement:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    elif too_many_codes:
        status = HTTPStatus.TOO_MANY_REQUESTS
    return render(request, "recipient/code.html", context, status=status)


def ended_page(request: HttpRequest, ended: ExpectedError) -> HttpResponse:
    """Say how it ended, to somebody who showed the right secret."""
    context = {"why": ended.code, "locked": isinstance(ended, ShareLockedError)}
    return render(request, "recipient/ended.html", context, status=ended.status)
