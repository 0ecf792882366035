"""The pages where somebody says that it was not they: signed in, by a mailed link, or outside.

Opening any of them does nothing; a press does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from safelight.exchange.release.sharing.doubted import doubted_of
from safelight.exchange.release.signed import terms_of, words_of
from safelight.governance.compromise.deciding import own_share
from safelight.governance.compromise.models import Way
from safelight.governance.compromise.reporting import ask_from_outside, report, require_link
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, NotFoundError
from safelight.kernel.ids import from_text
from safelight.surfaces.web.account import confirmation
from safelight.surfaces.web.account.answers import shown
from safelight.surfaces.web.account.forms import ResetForm
from safelight.surfaces.web.account.visitor import source_of
from safelight.surfaces.web.callers import party_of_request

if TYPE_CHECKING:
    from safelight.records.accounts.models import Account

_FORM, _PRESS = "account/not-me.html", "account/not-me-press.html"


@require_http_methods(["GET", "POST"])
def outside_page(request: HttpRequest) -> HttpResponse:
    """Take an address, and send it the link; known and unknown ones are answered alike."""
    form = ResetForm(request.POST or None)
    if not form.is_valid():
        return shown(request, _FORM, form)
    try:
        ask_from_outside(form.cleaned_data["email"], source=source_of(request), at=clock.now())
    except ExpectedError as error:
        return shown(request, _FORM, form, error)
    return render(request, "account/not-me-sent.html")


@require_http_methods(["GET", "POST"])
@login_required
def here_page(request: HttpRequest) -> HttpResponse:
    """Say what a press does, and do it when it is pressed: this session ends too."""
    if request.method == "GET":
        return render(request, _PRESS)
    account, party = cast("Account", request.user), party_of_request(request)
    report(account.pk, Way.SESSION, session=party.session, at=clock.now())
    request.session.flush()
    return render(request, "account/not-me-done.html")


@require_http_methods(["GET", "POST"])
def mailed_page(request: HttpRequest, key: str) -> HttpResponse:
    """Do the same for whoever came by the link of a mail."""
    account_id = require_link(key, at=clock.now())
    if request.method == "GET":
        return render(request, _PRESS)
    report(account_id, Way.MAIL, at=clock.now())
    return render(request, "account/not-me-done.html")


@require_http_methods(["GET", "POST"])
@login_required
def was_me_page(request: HttpRequest, consent_id: str) -> HttpResponse:
    """Show a share that was paused in doubt, and let its giver own it with both factors."""
    party, at, error = party_of_request(request), clock.now(), None
    consent = next(
        (each for each in doubted_of(party, at=at) if each.pk == from_text(consent_id)), None
    )
    if consent is None:
        raise NotFoundError
    digest = confirmation.digest_of("own-share", consent_id)
    if request.method == "POST":
        try:
            confirmation.confirmed(request, digest, at=at)
            own_share(party_of_request(request), consent.pk, at=at)
        except ExpectedError as refused:
            error = refused
        else:
            messages.success(request, _("It goes on. They can look until the same day."))
            return redirect("access")
    confirm = confirmation.ask(
        request, digest, _("It was I who signed this share"), at=at, error=error
    )
    context = {
        "consent": consent,
        "consent_id": consent_id,
        "terms": terms_of(consent),
        # Stored as it was shown, with every value escaped by exchange.consent.text.
        "words": mark_safe(words_of(consent)),  # noqa: S308 (see the line above)
        "confirm": confirm,
    }
    status = error.status if error else HttpResponse.status_code
    return render(request, "account/was-me.html", context, status=status)
