"""The page about staying safe: password, sessions, and the way to factors and tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, InvalidFieldError
from safelight.kernel.ids import from_text, to_text
from safelight.records.accounts.actions.passwords import change_password
from safelight.records.accounts.actions.register import check_password_choice
from safelight.records.accounts.actions.sessions import end_session, sign_out_everywhere
from safelight.records.accounts.factor_kinds import kind_of
from safelight.records.accounts.queries import (
    address_of,
    factors_of,
    recovery_codes_left,
    sessions_of,
    tokens_of,
)
from safelight.records.accounts.questions.actions import questions_of
from safelight.surfaces.web.account import confirmation
from safelight.surfaces.web.account.answers import shown
from safelight.surfaces.web.account.forms import ChangePasswordForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from safelight.records.accounts.models import Account

CHANGE_PASSWORD = confirmation.digest_of("change-password")


@require_GET
@login_required
def security_page(request: HttpRequest) -> HttpResponse:
    """Show what keeps the account safe."""
    account, at = cast("Account", request.user), clock.now()
    here = confirmation.session_id_of(request)
    context = {
        "address": address_of(account),
        "factors": [
            {"id": row.pk, "kind": kind_of(row), "name": str(row), "used_at": row.last_used_at}
            for row in factors_of(account)
        ],
        "questions": len(questions_of(account)),
        "codes_left": recovery_codes_left(account),
        "sessions": [
            {"id": to_text(row.pk), "row": row, "here": row.pk == here}
            for row in sessions_of(account, at=at)
        ],
        "tokens": [{"id": to_text(row.pk), "row": row} for row in tokens_of(account)],
    }
    return render(request, "account/security.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def password_page(request: HttpRequest) -> HttpResponse:
    """Change the password, which ends every session."""
    account, at = cast("Account", request.user), clock.now()
    form, error = ChangePasswordForm(request.POST or None), None
    if form.is_valid():
        chosen = form.cleaned_data["new_password"]
        try:
            check_password_choice(chosen, name=account.name, address=address_of(account))
            confirmation.confirmed(request, CHANGE_PASSWORD, at=at)
            change_password(account, chosen, at=at)
        except InvalidFieldError as weak:
            form.add_error("new_password" if weak.field == "password" else None, str(weak))
        except ExpectedError as refused:
            error = refused
        else:
            request.session.flush()
            messages.success(request, _("Your password is changed. Sign in with the new one."))
            return redirect("sign-in")
    confirm = confirmation.ask(
        request, CHANGE_PASSWORD, _("I change my password"), at=at, error=error
    )
    return shown(request, "account/password.html", form, error, confirm=confirm)


@require_POST
@login_required
def end_session_page(request: HttpRequest, session: str) -> HttpResponse:
    """End one session."""
    end_session(cast("Account", request.user), from_text(session), at=clock.now())
    return redirect("security")


@require_POST
@login_required
def end_all_page(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere, here too."""
    sign_out_everywhere(cast("Account", request.user), at=clock.now())
    request.session.flush()
    messages.success(request, _("You are signed out everywhere."))
    return redirect("sign-in")
