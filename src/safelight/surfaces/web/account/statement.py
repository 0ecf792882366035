"""The privacy statement: read it, any version of it, and accept the current one."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from safelight.governance.compliance.actions import Circumstances, accept
from safelight.governance.compliance.queries import (
    current_statement,
    has_accepted_any,
    has_accepted_current,
    published_statements,
    published_text,
    statement,
)
from safelight.kernel import clock
from safelight.records.accounts.actions.begin_session import session_reference
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
    context = _context(version) | {"current": now, "versions": published_statements()}
    return render(request, "account/statement.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def accept_page(request: HttpRequest) -> HttpResponse:
    """Ask whoever has not accepted the current statement yet."""
    account, at = cast("Account", request.user), clock.now()
    version = current_statement(at=at)
    if request.method == "POST" and request.POST.get("accept"):
        shown = request.POST.get("statement", "")
        circumstances = Circumstances(session_reference(request.session), source_of(request))
        accept(account, int(shown) if shown.isdigit() else 0, circumstances, at=at)
    if has_accepted_current(account.pk, at=at):
        return redirect("/")
    status = 422 if request.method == "POST" else 200
    context = _context(version) | {"knows_an_earlier": has_accepted_any(account.pk)}
    return render(request, "account/accept.html", context, status=status)


def _context(version: StatementVersion) -> dict[str, object]:
    return {"statement": version, "parts": parts(published_text(version))}
