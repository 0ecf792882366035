"""The tokens by which machines and scripts act for an account."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError
from safelight.kernel.ids import from_text
from safelight.records.accounts.actions.tokens import create_token, revoke_token
from safelight.records.accounts.tokens import Scope
from safelight.surfaces.web.account import confirmation
from safelight.surfaces.web.account.answers import shown
from safelight.surfaces.web.account.forms import TokenForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from safelight.records.accounts.models import Account

CREATE = confirmation.digest_of("create-token")


@require_http_methods(["GET", "POST"])
@login_required
def create_token_page(request: HttpRequest) -> HttpResponse:
    """Make a token and show it, this once."""
    account, at = cast("Account", request.user), clock.now()
    form, error = TokenForm(request.POST or None), None
    if form.is_valid():
        asked = form.cleaned_data
        scopes = [Scope.DICOMWEB_READ] + [Scope.DICOMWEB_WRITE] * asked["may_write"]
        scopes += [Scope.EXCHANGE_READ, Scope.EXCHANGE_WRITE] * asked["may_prepare"]
        try:
            confirmation.confirmed(request, CREATE, at=at)
            text, _row = create_token(
                account,
                scopes,
                valid_for=timedelta(days=asked["days"]),
                label=asked["label"],
                at=at,
            )
            return shown(request, "account/token.html", TokenForm(), token=text)
        except ExpectedError as refused:
            error = refused
    confirm = confirmation.ask(request, CREATE, _("I make a token"), at=at, error=error)
    return shown(request, "account/token.html", form, error, confirm=confirm)


@require_POST
@login_required
def revoke_token_page(request: HttpRequest, token: str) -> HttpResponse:
    """End a token."""
    revoke_token(cast("Account", request.user), from_text(token), at=clock.now())
    return redirect("security")
