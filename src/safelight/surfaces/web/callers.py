"""Who asks for this page, in the terms of the decision point?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest

from safelight.exchange.access.facts import NOBODY, Party
from safelight.exchange.access.parties import party_of
from safelight.records.accounts.actors import actor_of_row, actor_of_session
from safelight.records.accounts.sessions import SessionStore


def party_later(request: HttpRequest) -> Callable[[datetime], Party]:
    """Return what finds anew, after the page, whether its session still lasts and whose it is."""
    key = request.session.session_key
    return lambda at: party_of(actor_of_session(key, at=at))


def party_of_request(request: HttpRequest) -> Party:
    """Return the party that is signed in here, or nobody."""
    session = request.session
    _ = session.get("")  # load it, so that its row is known
    if not isinstance(session, SessionStore) or session.row is None:
        return NOBODY
    return party_of(actor_of_row(session.row))
