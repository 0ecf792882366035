"""Who uploads? A person signed in at our own pages, and nobody else.

A program has STOW-RS. Here the session's cookie counts, so every request that
changes something must come from our own pages: same Origin, and the session's
CSRF token in a header.
"""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware, get_token
from starlette.requests import Request

from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.access.parties import party_of
from safelight.exchange.receive.errors import MayNotStoreError, NotSignedInError
from safelight.kernel.errors import ExpectedError
from safelight.records.accounts.actors import actor_of_session
from safelight.surfaces.dicomweb.callers import SESSION_COOKIE

CSRF_HEADER: Final = "x-csrf-token"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class ForeignRequestError(ExpectedError):
    """This did not come from our own page. Load the page again and go on."""

    code = "csrf_failed"
    status = HTTPStatus.FORBIDDEN


def visitor(request: Request, *, at: datetime) -> Party:
    """Return the party that is signed in. Blocking: call it in a worker thread.

    Raises:
        NotSignedInError: nobody is.
        MayNotStoreError: a second factor or the statement is still missing.
        ForeignRequestError: an unsafe request without our Origin or token.
    """
    party = party_of(actor_of_session(request.cookies.get(SESSION_COOKIE), at=at))
    if party.kind is PartyKind.ANONYMOUS:
        raise NotSignedInError
    if not (party.second_factor and party.statement_accepted):
        raise MayNotStoreError
    prove_ours(request)
    return party


def fresh_token(request: Request) -> str:
    """Return a token that `visitor` will take from this browser: after signing in again."""
    asked = _as_django(request)
    _middleware().process_request(asked)
    return get_token(asked)


def prove_ours(request: Request) -> None:
    """Let an unsafe request pass only with our Origin and token.

    Raises:
        ForeignRequestError: it has not.
    """
    if request.method in _SAFE:
        return
    if "origin" not in request.headers:
        raise ForeignRequestError
    asked = _as_django(request)
    check = _middleware()
    check.process_request(asked)
    if check.process_view(asked, _nothing, (), {}) is not None:
        raise ForeignRequestError


def _as_django(request: Request) -> HttpRequest:
    """Show a request to Django's own CSRF check, with just what it looks at."""
    asked = HttpRequest()
    asked.method = request.method
    asked.path = request.url.path
    asked.COOKIES = dict(request.cookies)
    asked.META = {
        "HTTP_HOST": request.headers.get("host", ""),
        "HTTP_X_CSRFTOKEN": request.headers.get(CSRF_HEADER, ""),
    }
    if "origin" in request.headers:
        asked.META["HTTP_ORIGIN"] = request.headers["origin"]
    return asked


def _middleware() -> CsrfViewMiddleware:
    return CsrfViewMiddleware(_nothing)


def _nothing(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()
