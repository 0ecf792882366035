"""Who asks for this page, in the terms of the decision point?"""

from __future__ import annotations

from django.http import HttpRequest

from safelight.exchange.access.facts import NOBODY, Party
from safelight.exchange.access.parties import party_of
from safelight.records.accounts.actors import actor_of_row
from safelight.records.accounts.sessions import SessionStore


def party_of_request(request: HttpRequest) -> Party:
    """Return the party that is signed in here, or nobody."""
    session = request.session
    _ = session.get("")  # load it, so that its row is known
    if not isinstance(session, SessionStore) or session.row is None:
        return NOBODY
    return party_of(actor_of_row(session.row))
