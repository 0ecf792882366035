"""Adding and removing second factors, and the recovery codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib.auth import get_user
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError
from safelight.records.accounts.actions.factors import (
    add_app,
    add_passkey,
    make_recovery_codes,
    offer_app,
    offer_passkey,
    remove_factor,
)
from safelight.records.accounts.adapters import FactorAdapter
from safelight.records.accounts.queries import has_factor, recovery_codes_left
from safelight.surfaces.web.account import confirmation
from safelight.surfaces.web.account.answers import shown
from safelight.surfaces.web.account.forms import CodeForm, PasskeyForm

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from safelight.records.accounts.models import Account

ADD = confirmation.digest_of("add-factor")
CODES = confirmation.digest_of("make-recovery-codes")
NEW_CODES = "safelight_new_codes"


@require_GET
@login_required
def add_factor_page(request: HttpRequest) -> HttpResponse:
    """Let the person choose between a passkey and an app."""
    return render(
        request,
        "account/add-factor.html",
        {"is_first": not has_factor(cast("Account", request.user))},
    )


@require_http_methods(["GET", "POST"])
@login_required
def add_app_page(request: HttpRequest) -> HttpResponse:
    """Show a secret to scan, and take the code that the app then shows."""
    account, at = cast("Account", request.user), clock.now()
    form, error = CodeForm(request.POST or None), None
    if form.is_valid():
        try:
            _confirm_unless_first(request, at=at)
            add_app(request.session, account, form.cleaned_data["code"], at=at)
            return _added(request)
        except ExpectedError as refused:
            error = refused
    secret, address = offer_app(request.session, account)
    context = {
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        # Drawn by our own library from letters and digits alone.
        "picture": mark_safe(FactorAdapter().build_totp_svg(address)),  # noqa: S308
        "confirm": _question(request, error),
    }
    return shown(request, "mfa/app.html", form, error, **context)


@require_http_methods(["GET", "POST"])
@login_required
def add_passkey_page(request: HttpRequest) -> HttpResponse:
    """Let the browser make a passkey, and take it."""
    return _passkey_page(request, on_a_key=False)


@require_http_methods(["GET", "POST"])
@login_required
def add_key_page(request: HttpRequest) -> HttpResponse:
    """Let the browser make a passkey on a hardware security key, and take it."""
    return _passkey_page(request, on_a_key=True)


def _passkey_page(request: HttpRequest, *, on_a_key: bool) -> HttpResponse:
    account, at = cast("Account", request.user), clock.now()
    form, error = PasskeyForm(request.POST or None), None
    if form.is_valid():
        given = form.cleaned_data
        try:
            _confirm_unless_first(request, at=at)
            add_passkey(request.session, account, given["credential"], given["name"], at=at)
            return _added(request)
        except ExpectedError as refused:
            error = refused
    context = {
        "options": offer_passkey(request.session, account, on_a_key=on_a_key),
        "on_a_key": on_a_key,
        "confirm": _question(request, error),
    }
    return shown(request, "mfa/passkey.html", form, error, **context)


@require_http_methods(["GET", "POST"])
@login_required
def remove_factor_page(request: HttpRequest, factor: int) -> HttpResponse:
    """Remove one of several factors."""
    account, at = cast("Account", request.user), clock.now()
    digest, error = confirmation.digest_of("remove-factor", str(factor)), None
    if request.method == "POST":
        try:
            confirmation.confirmed(request, digest, at=at)
            remove_factor(account, factor, at=at)
            return redirect("security")
        except ExpectedError as refused:
            error = refused
    confirm = confirmation.ask(
        request, digest, _("I remove this way to sign in"), at=at, error=error
    )
    status = error.status if error else HttpResponse.status_code
    return render(request, "mfa/remove.html", {"confirm": confirm}, status=status)


@require_http_methods(["GET", "POST"])
@login_required
def codes_page(request: HttpRequest) -> HttpResponse:
    """Show fresh recovery codes once, or make others."""
    account, at, error = cast("Account", request.user), clock.now(), None
    if request.method == "POST":
        try:
            confirmation.confirmed(request, CODES, at=at)
            request.session[NEW_CODES] = make_recovery_codes(account, at=at)
            return redirect("recovery-codes")
        except ExpectedError as refused:
            error = refused
    codes = request.session.pop(NEW_CODES, None)
    context = {"codes": codes, "left": recovery_codes_left(account)}
    if codes is None:
        context["confirm"] = confirmation.ask(
            request, CODES, _("I make new recovery codes"), at=at, error=error
        )
    status = error.status if error else HttpResponse.status_code
    return render(request, "mfa/codes.html", context, status=status)


@require_GET
@login_required
def passkey_offer(request: HttpRequest) -> HttpResponse:
    """Give the browser a fresh question for a new passkey."""
    return JsonResponse(offer_passkey(request.session, cast("Account", request.user)))


def _confirm_unless_first(request: HttpRequest, *, at: datetime) -> None:
    if has_factor(cast("Account", request.user)):
        confirmation.confirmed(request, ADD, at=at)


def _question(
    request: HttpRequest, error: ExpectedError | None
) -> confirmation.Confirmation | None:
    if not has_factor(cast("Account", request.user)):
        return None
    return confirmation.ask(request, ADD, _("I add a way to sign in"), at=clock.now(), error=error)


def _added(request: HttpRequest) -> HttpResponse:
    account = cast("Account", request.user)
    rotate_token(request)
    request.user = get_user(request)
    if recovery_codes_left(account):
        return redirect("security")
    request.session[NEW_CODES] = make_recovery_codes(account, at=clock.now())
    return redirect("recovery-codes")
