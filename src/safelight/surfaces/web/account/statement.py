"""The privacy statement: read it, any version of it, what changed, and accept or decline it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from safelight.governance.compliance.actions import Circumstances, accept, decline
from safelight.governance.compliance.diffing import compare, in_stretches
from safelight.governance.compliance.queries import (
    asked_of,
    current_statement,
    published_statements,
    published_text,
    statement,
)
from safelight.governance.compliance.rules import DEFAULT_LOCALE
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.records.accounts.actions.begin_session import session_reference
from safelight.surfaces.web.account.middleware import LATER
from safelight.surfaces.web.account.prose import parts
from safelight.surfaces.web.account.visitor import source_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from safelight.governance.compliance.models import StatementVersion
    from safelight.records.accounts.models import Account


@require_GET
def statement_page(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """Show the statement in effect, or an earlier one by its number."""
    now = current_statement(at=clock.now())
    version = now if number is None else statement(number)
    context = _context(request, version) | {"current": now, "versions": published_statements()}
    return render(request, "account/statement.html", context)


@require_GET
def changes_page(request: HttpRequest, number: int) -> HttpResponse:
    """Show what a version changed in the one before it, or in an earlier one `since`."""
    version, since = statement(number), request.GET.get("since", "")
    before = int(since) if since.isdecimal() and len(since) < len("10000") else number - 1
    if not 0 < before < number:
        raise NotFoundError
    earlier, locale = statement(before), _locale(request)
    paragraphs = compare(published_text(earlier, locale).text, published_text(version, locale).text)
    stretches = in_stretches(paragraphs)
    context = {"statement": version, "earlier": earlier, "stretches": stretches}
    return render(request, "account/statement-changes.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def accept_page(request: HttpRequest) -> HttpResponse:
    """Ask whoever has not accepted the current statement yet; they accept, decline or wait."""
    account, at = cast("Account", request.user), clock.now()
    shown, said = request.POST.get("statement", ""), request.POST
    number = int(shown) if shown.isdecimal() and len(shown) < len("10000") else 0
    circumstances = Circumstances(session_reference(request.session), source_of(request))
    if request.method == "POST" and "decline" in said:
        decline(account, number, circumstances, at=at)
        return redirect("accept-statement")
    if said.get("accept"):
        accept(account, number, circumstances, at=at)
    asked = asked_of(account.pk, at=at)
    if asked is None:
        return redirect(_next(request))
    if "later" in said and asked.may_wait and number == asked.version.number:
        request.session[LATER] = number
        messages.info(request, _("You can decide later, under “The statement changed”."))
        return redirect(_next(request))
    status = 422 if request.method == "POST" else 200
    context = _context(request, asked.version) | {"asked": asked, "next": _next(request)}
    return render(request, "account/accept.html", context, status=status)


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if wanted and is_ours else "/"


def _locale(request: HttpRequest) -> str:
    return request.user.locale if request.user.is_authenticated else DEFAULT_LOCALE


def _context(request: HttpRequest, version: StatementVersion) -> dict[str, object]:
    text = published_text(version, _locale(request))
    return {"statement": version, "text": text, "parts": parts(text.text)}
