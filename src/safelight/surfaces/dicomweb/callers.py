"""Who calls, as far as a DICOMweb request tells?

A bearer token for programs and connected systems, the session cookie for GET from our pages,
the guest's cookie under a share's own root. Anything else is nobody. Under the root of
an exam the party may do there what it may, and with no other patient's exams.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime
from typing import Final

from starlette.requests import Request

from safelight.exchange.access.bearers import is_a_systems, system_saying
from safelight.exchange.access.bounds import among_patients_exams
from safelight.exchange.access.facts import NOBODY, Party, PartyKind
from safelight.exchange.access.missed import note_unknown_caller
from safelight.exchange.access.parties import party_of
from safelight.exchange.receive.errors import NotSignedInError
from safelight.exchange.receive.slots import a_slot
from safelight.exchange.release.sharing.entries import guest
from safelight.kernel.ids import from_text
from safelight.records.accounts.actors import actor_of_session, actor_of_token

SESSION_COOKIE: Final = "__Host-session"
GUEST_COOKIE: Final = "__Host-guest"
_SAFE: Final = frozenset({"GET", "HEAD"})
_BEARER: Final = "bearer "


def caller(request: Request, *, at: datetime) -> Party:
    """Return the party behind a request. Blocking: call it in a worker thread.

    Raises:
        NotSignedInError: nobody we know.
        NotFoundError: the request is under a share's root and is not its guest's.
        ShareRevokedError, ShareExpiredError: it is, but the share has ended.
    """
    share = request.path_params.get("share_id")
    if share is not None:
        return guest(from_text(share), request.cookies.get(GUEST_COOKIE, ""), at=at)
    party = _account(request, at)
    if party.kind is PartyKind.ANONYMOUS:
        if "authorization" in request.headers:
            note_unknown_caller(origin=source_of(request), at=at)
        raise NotSignedInError
    exam = request.path_params.get("exam_id")
    return party if exam is None else among_patients_exams(party, from_text(exam))


def sender(request: Request, *, at: datetime) -> Party:
    """Return the party that brings objects; until the request is over it holds one of its places.

    Raises:
        NotSignedInError: nobody we know.
        RateLimitedError: as many of its deliveries are under way as may be.
    """
    party = caller(request, at=at)
    held: ExitStack = request.state.held
    held.enter_context(a_slot(party.name, is_unlimited=party.is_unlimited))
    return party


def source_of(request: Request) -> str:
    """Return the network address a request comes from; a trusted proxy has set it before."""
    return request.client.host if request.client else ""


def _account(request: Request, at: datetime) -> Party:
    header = request.headers.get("authorization", "")
    if header.lower().startswith(_BEARER):
        word = header[len(_BEARER) :].strip()
        if is_a_systems(word):
            return system_saying(word, address=source_of(request), at=at) or NOBODY
        return party_of(actor_of_token(word, at=at))
    if header or request.method not in _SAFE:
        return NOBODY
    return party_of(actor_of_session(request.cookies.get(SESSION_COOKIE), at=at))
