"""The page that leads back into a frozen account, step by step."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from safelight.governance.compromise.links import open_report
from safelight.governance.compromise.recovering import (
    begin_hold,
    is_released,
    recover,
    recover_held,
    reference_of,
    stop_hold,
)
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, NotFoundError
from safelight.surfaces.web.account.answers import shown
from safelight.surfaces.web.account.forms import HeldPasswordForm, RecoverForm


@require_http_methods(["GET", "POST"])
def recover_page(request: HttpRequest, key: str) -> HttpResponse:
    """Take a code and a new password; after a hold, the password alone."""
    at = clock.now()
    row = open_report(key, at=at)
    released = is_released(row, at=at)
    form = (HeldPasswordForm if released else RecoverForm)(request.POST or None)
    context: dict[str, Any] = {
        "key": key,
        "released": released,
        "hold_until": row.hold_until,
        "is_over": row.hold_until is not None and row.hold_until <= at,
        "proved": row.proved_at is not None,
        "reference": reference_of(row),
    }
    page = "account/recover.html"
    if not form.is_valid():
        return shown(request, page, form, **context)
    asked = form.cleaned_data
    try:
        if released:
            recover_held(key, asked["password"], at=at)
        else:
            recover(key, asked["code"], asked["password"], at=at)
    except NotFoundError:
        raise
    except ExpectedError as error:
        return shown(request, page, form, error, **context)
    messages.success(request, _("Your account is open again, for you alone. Sign in."))
    return redirect("sign-in")


@require_POST
def hold_page(_request: HttpRequest, key: str) -> HttpResponse:
    """Begin the long way, where neither app nor recovery code is left."""
    begin_hold(key, at=clock.now())
    return redirect("recover", key)


@require_POST
def stop_page(request: HttpRequest, key: str) -> HttpResponse:
    """Stop the long way."""
    stop_hold(key, at=clock.now())
    messages.success(request, _("Stopped. Nothing opens without your app or a recovery code."))
    return redirect("recover", key)
