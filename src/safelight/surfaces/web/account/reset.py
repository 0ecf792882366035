"""Choosing a new password when the old one is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError
from safelight.records.accounts.actions.reset import ask_reset, reset_password
from safelight.surfaces.web.account.answers import shown
from safelight.surfaces.web.account.forms import NewPasswordForm, ResetForm
from safelight.surfaces.web.account.visitor import source_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

PROOF = "safelight_reset"


@require_http_methods(["GET", "POST"])
def reset_page(request: HttpRequest) -> HttpResponse:
    """Send a code to an address; known and unknown ones are answered alike."""
    form = ResetForm(request.POST or None)
    page = ("account/reset.html", form)
    if not form.is_valid():
        return shown(request, *page)
    try:
        proof = ask_reset(form.cleaned_data["email"], source=source_of(request), at=clock.now())
    except ExpectedError as error:
        return shown(request, *page, error)
    request.session[PROOF] = str(proof)
    return redirect("reset-code")


@require_http_methods(["GET", "POST"])
def reset_code_page(request: HttpRequest) -> HttpResponse:
    """Take the code and the new password."""
    proof = request.session.get(PROOF)
    if proof is None:
        return redirect("reset")
    form = NewPasswordForm(request.POST or None)
    page = ("account/reset-code.html", form)
    if not form.is_valid():
        return shown(request, *page)
    asked = form.cleaned_data
    try:
        reset_password(UUID(proof), asked["code"], asked["password"], at=clock.now())
    except ExpectedError as error:
        return shown(request, *page, error)
    request.session.flush()
    messages.success(request, _("Your password is changed. Sign in with the new one."))
    return redirect("sign-in")
