"""May this person go on, or is something left to do first?

Whoever is signed in without a second factor is led to adding one, and whoever has
not accepted the current statement is asked. Until then no other page answers, but to
those who accepted an earlier one: what is their own stays open to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse

from safelight.exchange.access.parties import party_of
from safelight.governance.compliance.queries import Asked, asked_of, current_statement
from safelight.kernel import clock
from safelight.records.accounts.actors import actor_of_row
from safelight.records.accounts.models import State
from safelight.records.accounts.sessions import AAL, SessionStore
from safelight.surfaces.web.account.limited import OPEN_TO_THE_LIMITED

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from safelight.records.accounts.models import Account

ACCEPTED = "safelight_accepted"
LATER = "safelight_statement_later"
_ALWAYS = ("/statement/", "/static/", "/openapi.json", "/healthz", "/readyz")
_OPEN = ("/account/", *_ALWAYS)
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


def _problem(code: str, where: str, **more: object) -> JsonResponse:
    """Say to a script where a person can do what is missing (RFC 9457)."""
    return JsonResponse(
        {
            "type": "about:blank",
            "title": "Forbidden",
            "status": 403,
            "code": code,
            "detail": "Something is left to do first, on a page.",
            "next": where,
        }
        | more,
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
        asked = None if request.path.startswith(_ALWAYS) else self._asked(request)
        request.statement_asked = asked  # type: ignore[attr-defined]  # for the bar on every page
        if request.path.startswith(_OPEN) and not (asked and asked.is_limited):
            return None
        if not request.path.startswith(_OPEN) and must_sign_in_again(request):
            request.session.flush()
            if request.path.startswith(_FOR_SCRIPTS):
                return _problem("stepup_required", reverse("sign-in"))
            return redirect(f"{reverse('sign-in')}?{urlencode({'next': request.path})}")
        if asked is not None and (answer := self._to_statement(request, asked)):
            return answer
        if request.path.startswith(_OPEN):
            return None
        return self._to_factor(request)

    def _back(self, request: HttpRequest) -> HttpResponse | None:
        if request.path.startswith(_AWAY):
            return None
        if request.path.startswith(_FOR_SCRIPTS):
            return _problem("account_inactive", reverse("come-back"))
        return redirect("come-back")

    def _asked(self, request: HttpRequest) -> Asked | None:
        account, at = cast("Account", request.user), clock.now()
        number = current_statement(at=at).number
        if request.session.get(ACCEPTED) == number:
            return None
        asked = asked_of(account.pk, at=at)
        if asked is None:
            request.session[ACCEPTED] = number
        return asked

    def _to_statement(self, request: HttpRequest, asked: Asked) -> HttpResponse | None:
        """Lead to the statement whoever must accept it, or shall be asked; None lets pass."""
        number, where = asked.version.number, reverse("accept-statement")
        if asked.is_limited or asked.is_first:
            if asked.is_limited and _name(request) in OPEN_TO_THE_LIMITED:
                return None
            if request.path.startswith(_FOR_SCRIPTS):
                return _problem("policy_acceptance_required", where, statement=number)
            return redirect(where)
        if asked.binds_at is None or not _opens_a_page(request):
            return None  # what runs, runs on
        if asked.may_wait and request.session.get(LATER) == number:
            return None
        return redirect(f"{where}?{urlencode({'next': request.path})}")

    def _to_factor(self, request: HttpRequest) -> HttpResponse | None:
        if request.session.get(AAL, 0) >= 2:  # noqa: PLR2004 (the level)
            return None
        # A factor added in another session counts from the next sign-in on.
        where = reverse("add-factor")
        if request.path.startswith(_FOR_SCRIPTS):
            return _problem("stepup_required", where)
        return redirect(where)


def _name(request: HttpRequest) -> str | None:
    try:
        return resolve(request.path_info).url_name
    except Resolver404:
        return None


def _opens_a_page(request: HttpRequest) -> bool:
    """Say whether a person goes to a page, and not a page to what it shows or sends."""
    is_page = request.headers.get("Sec-Fetch-Dest", "document") == "document"
    return request.method == "GET" and is_page and not request.path.startswith(_FOR_SCRIPTS)
