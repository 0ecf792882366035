"""Who calls, and may they ask for this at all?

A bearer token for programs; the session's cookie for scripts of our own pages,
where each unsafe request must carry a same-origin Origin header and the
session's CSRF token. Whether somebody may is asked of the rules, not judged here.
"""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from ninja.security.base import AuthBase

from safelight.exchange.access.admission import require_in_person, require_standing
from safelight.exchange.access.bearers import is_a_systems, system_saying
from safelight.exchange.access.decision import Action
from safelight.exchange.access.errors import AuthRequiredError
from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.access.missed import note_unknown_caller
from safelight.exchange.access.parties import party_of
from safelight.kernel import clock
from safelight.records.accounts import throttle
from safelight.records.accounts.actors import Actor, actor_of_row, actor_of_token
from safelight.records.accounts.allowances import spend
from safelight.records.accounts.sessions import SessionStore
from safelight.surfaces.api.problems import ForeignRequestError

CSRF_HEADER: Final = "X-CSRF-Token"
_BEARER: Final = "bearer "
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Called(HttpRequest):
    """A request whose caller is known."""

    auth: Party


class _Caller(AuthBase):
    """What both ways have in common: whoever it is must be let pass by the rules."""

    def __init__(self, action: Action, *, in_person: bool) -> None:
        self.action = action
        self.in_person = in_person
        super().__init__()

    def admit(self, actor: Actor) -> Party:
        """Return the party that an actor is.

        Raises:
            AuthRequiredError and its kin: it may not ask at all just now.
            RateLimitedError: it asked too often.
        """
        party = party_of(actor)
        if party.kind is PartyKind.ANONYMOUS:
            raise AuthRequiredError
        if not actor.is_unlimited:
            spend(throttle.API, str(party.account), at=clock.now())
        if self.in_person:
            require_in_person(party)
        else:
            require_standing(party, self.action)
        return party


class Token(_Caller):
    """A bearer token."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> Party | None:
        """Return the party, or None where no token was sent.

        Raises:
            AuthRequiredError: one was sent, and it is nobody's.
        """
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        text = header[len(_BEARER) :].strip() if header.lower().startswith(_BEARER) else ""
        return self.admit(actor_of_token(text, at=clock.now()))


class Connection(AuthBase):
    """The word of a connection, said by a partner's system from one of its networks."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> Party | None:
        """Return the connected system, or None where nothing was said.

        Raises:
            AuthRequiredError: what was said is nobody's.
            ConnectionClosedError: its connection lets nothing through now.
        """
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        word, at = header[len(_BEARER) :].strip(), clock.now()
        party = None
        if header.lower().startswith(_BEARER) and is_a_systems(word):
            party = system_saying(word, address=request.META.get("REMOTE_ADDR", ""), at=at)
        if party is None:
            note_unknown_caller(origin=request.META.get("REMOTE_ADDR", ""), at=at)
            raise AuthRequiredError
        spend(throttle.API, party.name, at=at)
        return party


class Session(_Caller):
    """The session of one of our own pages."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = "__Host-session"

    def __call__(self, request: HttpRequest) -> Party | None:
        """Return the party, or None where nobody is signed in.

        Raises:
            ForeignRequestError: an unsafe request without our Origin or token.
        """
        session = request.session
        _ = session.get("")  # load it, so that its row is known
        if not isinstance(session, SessionStore) or session.row is None:
            return None
        party = self.admit(actor_of_row(session.row))
        if request.method not in _SAFE:
            _prove_ours(request)
        return party


def _prove_ours(request: HttpRequest) -> None:
    if "Origin" not in request.headers:
        raise ForeignRequestError
    request.META["HTTP_X_CSRFTOKEN"] = request.headers.get(CSRF_HEADER, "")
    check = CsrfViewMiddleware(_nothing)
    check.process_request(request)
    if check.process_view(request, _nothing, (), {}) is not None:
        raise ForeignRequestError


def _nothing(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()
