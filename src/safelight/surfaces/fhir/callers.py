"""Who asks for resources? A bearer token for programs, or the session of one of our own pages.

Reading changes nothing, so a session needs no proof beyond its cookie.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.http import HttpRequest

from safelight.exchange.access.errors import AuthRequiredError
from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.access.missed import note_unknown_caller
from safelight.exchange.access.parties import party_of
from safelight.exchange.access.smart import Resource, reader_of
from safelight.records.accounts import throttle
from safelight.records.accounts.actors import actor_of_row, actor_of_token
from safelight.records.accounts.allowances import spend
from safelight.records.accounts.sessions import SessionStore

_BEARER: Final = "bearer "


def reader(request: HttpRequest, resource: Resource, *, at: datetime) -> Party:
    """Return the party behind a request, as it may read this kind of resource.

    Raises:
        AuthRequiredError and its kin: nobody we know, or who may not ask just now.
        TokenOmitsScopeError: the token was made for something else.
        RateLimitedError: it asked too often.
    """
    party = _party(request, at)
    if party.kind is PartyKind.ANONYMOUS:
        if "Authorization" in request.headers:
            note_unknown_caller(origin=str(request.META.get("REMOTE_ADDR", "")), at=at)
        raise AuthRequiredError
    if not party.is_unlimited:
        spend(throttle.API, str(party.account), at=at)
    return reader_of(party, resource)


def _party(request: HttpRequest, at: datetime) -> Party:
    header = request.headers.get("Authorization", "")
    if header:
        text = header[len(_BEARER) :].strip() if header.lower().startswith(_BEARER) else ""
        return party_of(actor_of_token(text, at=at))
    session = request.session
    _ = session.get("")  # load it, so that its row is known
    if not isinstance(session, SessionStore) or session.row is None:
        raise AuthRequiredError
    return party_of(actor_of_row(session.row))
