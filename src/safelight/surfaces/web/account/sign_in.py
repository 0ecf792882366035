"""Signing in and out: password, second factor, passkey."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import get_user
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError
from safelight.records.accounts.actions.register import ask_proof
from safelight.records.accounts.actions.sessions import sign_out
from safelight.records.accounts.actions.sign_in import (
    Next,
    answer_code,
    answer_passkey,
    answer_password,
    ask_passkey,
    enter_without_factor,
    pending_account,
)
from safelight.records.accounts.errors import PasskeyRefusedError, SignInRefusedError
from safelight.surfaces.web.account.answers import problem, shown
from safelight.surfaces.web.account.forms import CodeForm, PasskeyForm, SignInForm
from safelight.surfaces.web.account.register import ADDRESS, PROOF
from safelight.surfaces.web.account.visitor import remember_device, visitor_of

if TYPE_CHECKING:
    from django.http import HttpRequest

    from safelight.records.accounts.actions.begin_session import SignedIn

NEXT = "safelight_next"


@require_http_methods(["GET", "POST"])
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """Take an address and a password, or lead to a passkey."""
    if request.user.is_authenticated:
        return redirect("/")
    wanted = _safe(request, request.GET.get("next", ""))
    if wanted:
        request.session[NEXT] = wanted
    form = SignInForm(request.POST or None)
    page = ("account/sign-in.html", form)
    if not form.is_valid():
        return shown(request, *page)
    asked, at = form.cleaned_data, clock.now()
    try:
        left = answer_password(
            request.session, asked["email"], asked["password"], visitor_of(request), at=at
        )
        if left is Next.VERIFY_ADDRESS:
            account = pending_account(request.session, at=at)
            request.session[PROOF] = str(ask_proof(account, at=at))
            request.session[ADDRESS] = asked["email"]
            return redirect("verify")
        if left is Next.FACTOR:
            return redirect("sign-in-factor")
        return _entered(
            request, enter_without_factor(request.session, visitor_of(request), at=at), ""
        )
    except ExpectedError as error:
        return shown(request, *page, error)


@require_http_methods(["GET", "POST"])
def factor_page(request: HttpRequest) -> HttpResponse:
    """Take a code of the authenticator app or a recovery code."""
    form = CodeForm(request.POST or None)
    at = clock.now()
    wanted = request.session.get(NEXT, "")
    try:
        pending_account(request.session, at=at)
        if not form.is_valid():
            return shown(request, "account/sign-in-factor.html", form)
        signed_in = answer_code(
            request.session, form.cleaned_data["code"], visitor_of(request), at=at
        )
    except SignInRefusedError:
        return redirect("sign-in")
    except ExpectedError as error:
        return shown(request, "account/sign-in-factor.html", form, error)
    return _entered(request, signed_in, wanted)


@require_GET
def passkey_question(request: HttpRequest) -> HttpResponse:
    """Give the browser the question for a passkey."""
    try:
        account = pending_account(request.session, at=clock.now())
    except SignInRefusedError:
        account = None
    return JsonResponse(ask_passkey(request.session, account))


@require_POST
def passkey_answer(request: HttpRequest) -> HttpResponse:
    """Take the passkey's answer and say where to go next."""
    form = PasskeyForm(request.POST)
    wanted = request.session.get(NEXT, "")
    if not form.is_valid():
        return problem(PasskeyRefusedError())
    try:
        signed_in = answer_passkey(
            request.session,
            form.cleaned_data["credential"],
            visitor_of(request),
            at=clock.now(),
        )
    except ExpectedError as error:
        return problem(error)
    entered = _entered(request, signed_in, wanted)
    response = JsonResponse({"next": entered["Location"]})
    response.cookies = entered.cookies
    return response


@require_POST
def sign_out_page(request: HttpRequest) -> HttpResponse:
    """End this session."""
    if request.user.is_authenticated:
        sign_out(request.session, request.user, at=clock.now())
    return redirect("sign-in")


def _entered(request: HttpRequest, signed_in: SignedIn, wanted: str) -> HttpResponse:
    rotate_token(request)
    request.user = get_user(request)
    response = redirect(_safe(request, wanted) or resolve_url("/"))
    remember_device(response, signed_in)
    return response


def _safe(request: HttpRequest, wanted: str) -> str:
    # Only paths of ours: a host in `next` would make us the first step of a trick.
    own = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts=None, require_https=request.is_secure()
    )
    return wanted if own else ""
