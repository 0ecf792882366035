"""Signing up, and proving the address."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth import get_user
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from safelight.governance.compliance.actions import Circumstances, register
from safelight.governance.compliance.queries import current_statement
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError
from safelight.records.accounts.actions.begin_session import session_reference
from safelight.records.accounts.actions.register import (
    Application,
    send_code_again,
    verify_address,
)
from safelight.records.accounts.actions.sign_in import (
    PENDING,
    enter_without_factor,
)
from safelight.records.accounts.errors import CodeRefusedError, SignInRefusedError
from safelight.surfaces.web.account.answers import shown
from safelight.surfaces.web.account.forms import CodeForm, RegisterForm
from safelight.surfaces.web.account.visitor import remember_device, source_of, visitor_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

PROOF = "safelight_proof"
ADDRESS = "safelight_address"


@require_http_methods(["GET", "POST"])
def register_page(request: HttpRequest) -> HttpResponse:
    """Ask for an account. Known and unknown addresses are answered alike."""
    at = clock.now()
    statement = current_statement(at=at)
    form = RegisterForm(request.POST or None, initial={"statement": statement.number})
    page = ("account/register.html", form)
    if not form.is_valid():
        return shown(request, *page, statement=statement)
    asked = form.cleaned_data
    try:
        registered = register(
            Application(address=asked["email"], name=asked["name"], password=asked["password"]),
            asked["statement"] if asked["accept"] else None,
            Circumstances(session_reference(request.session), source_of(request)),
            at=at,
        )
    except ExpectedError as error:
        return shown(request, *page, error, statement=statement)
    request.session.flush()
    request.session[PROOF] = str(registered.proof_id)
    request.session[ADDRESS] = asked["email"]
    return redirect("verify")


@require_http_methods(["GET", "POST"])
def verify_page(request: HttpRequest) -> HttpResponse:
    """Take the code that was sent to the address."""
    proof = request.session.get(PROOF)
    if proof is None:
        return redirect("sign-in")
    form = CodeForm(request.POST or None)
    page = ("account/verify.html", form)
    address = request.session.get(ADDRESS, "")
    if not form.is_valid():
        return shown(request, *page, address=address)
    at = clock.now()
    try:
        account = verify_address(UUID(proof), form.cleaned_data["code"], at=at)
        # Whoever typed the code also chose or just typed the password, in this session.
        request.session[PENDING] = {"account": str(account.pk), "at": at.isoformat()}
        signed_in = enter_without_factor(request.session, visitor_of(request), at=at)
    except CodeRefusedError as error:
        return shown(request, *page, error, address=address)
    except SignInRefusedError:
        return redirect("sign-in")
    rotate_token(request)
    request.user = get_user(request)
    response = redirect("add-factor")
    remember_device(response, signed_in)
    return response


@require_POST
def verify_again(request: HttpRequest) -> HttpResponse:
    """Send a fresh code."""
    proof = request.session.get(PROOF)
    if proof is None:
        return redirect("sign-in")
    try:
        request.session[PROOF] = str(send_code_again(UUID(proof), at=clock.now()))
    except ExpectedError as error:
        address = request.session.get(ADDRESS, "")
        return shown(request, "account/verify.html", CodeForm(), error, address=address)
    return redirect("verify")
