"""May this person go on, or is something left to do first?

Whoever is signed in without a second factor is led to adding one, and whoever has
not accepted the current statement is asked. Until then no other page answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import reverse

from safelight.exchange.access.parties import party_of
from safelight.governance.compliance.queries import current_statement, has_accepted_current
from safelight.kernel import clock
from safelight.records.accounts.actors import actor_of_row
from safelight.records.accounts.models import State
from safelight.records.accounts.queries import has_factor
from safelight.records.accounts.sessions import AAL, SessionStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from safelight.records.accounts.models import Account

ACCEPTED = "safelight_accepted"
_OPEN = ("/account/", "/statement/", "/static/", "/openapi.json")
# What somebody reaches whose account is inactive: the way back, the statement, the way out.
_AWAY = (
    "/account/come-back/",
    "/account/sign-out/",
    "/statement/",
    "/static/",
    "/healthz",
    "/readyz",
)
_FOR_SCRIPTS = ("/api/", "/uploads", "/dicomweb", "/fhir/")


def _problem(code: str, where: str) -> JsonResponse:
    """Say to a script where a person can do what is missing (RFC 9457)."""
    return JsonResponse(
        {
            "type": "about:blank",
            "title": "Forbidden",
            "status": 403,
            "code": code,
            "detail": "Something is left to do first, on a page.",
            "next": where,
        },
        status=403,
        content_type="application/problem+json",
    )


def must_sign_in_again(request: HttpRequest) -> bool:
    """Say whether this session is held, or was begun before its account was asked once more."""
    session = request.session
    if not isinstance(session, SessionStore) or session.row is None:
        return False
    actor = actor_of_row(session.row)
    if actor.account_id is None or actor.aal < 2:  # noqa: PLR2004 (the level)
        return False
    return not party_of(actor).second_factor


class LeadIn:
    """Lead people through what comes first, before any page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or lead elsewhere."""
        return self._elsewhere(request) or self.get_response(request)

    def _elsewhere(self, request: HttpRequest) -> HttpResponse | None:
        if not request.user.is_authenticated:
            return None
        if request.user.state == State.INACTIVE:
            return self._back(request)
        if request.path.startswith(_OPEN):
            return None
        if must_sign_in_again(request):
            request.session.flush()
            if request.path.startswith(_FOR_SCRIPTS):
                return _problem("stepup_required", reverse("sign-in"))
            return redirect(f"{reverse('sign-in')}?{urlencode({'next': request.path})}")
        first = self._first(request)
        if first is None:
            return None
        name, code = first
        if request.path.startswith(_FOR_SCRIPTS):
            return _problem(code, reverse(name))
        return redirect(name)

    def _back(self, request: HttpRequest) -> HttpResponse | None:
        if request.path.startswith(_AWAY):
            return None
        if request.path.startswith(_FOR_SCRIPTS):
            return _problem("account_inactive", reverse("come-back"))
        return redirect("come-back")

    def _first(self, request: HttpRequest) -> tuple[str, str] | None:
        account, at = cast("Account", request.user), clock.now()
        number = current_statement(at=at).number
        if request.session.get(ACCEPTED) != number:
            if not has_accepted_current(account.pk, at=at):
                return "accept-statement", "policy_acceptance_required"
            request.session[ACCEPTED] = number
        if request.session.get(AAL, 0) < 2:  # noqa: PLR2004 (the level)
            # A factor added in another session counts from the next sign-in on.
            if has_factor(account):
                return "add-factor", "stepup_required"
            return "add-factor", "stepup_required"
        return None
