"""Which clocks does a request run by, where may it go next, and why may it be denied? Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What is asked for. Values are stable codes."""

    ACCESS = "access"
    PORTABILITY = "portability"
    ACCOUNTING = "accounting"
    CORRECTION = "correction"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    OBJECTION = "objection"
    CONFIDENTIAL = "confidential_communication"
    COMPLAINT = "complaint"


class State(StrEnum):
    """Where it stands. That it was extended stands with its deadline."""

    RECEIVED = "received"
    IDENTITY_CHECK = "identity_check"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting_for_requester"
    FULFILLED = "fulfilled"
    PARTLY_DENIED = "partly_denied"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class Channel(StrEnum):
    """How it came."""

    PAGE = "page"
    MAIL = "mail"
    PHONE = "phone"


class Ground(StrEnum):
    """Why something is denied."""

    NOT_IDENTIFIED = "not-identified"
    NOT_IN_RECORD_SET = "not-in-record-set"
    NOT_OURS = "not-ours"
    ACCURATE = "accurate-and-complete"
    KEPT_BY_LAW = "kept-by-law"
    HELD = "held-by-law"
    OTHERS_RIGHTS = "rights-of-others"
    DANGER = "danger"
    EXCESSIVE = "unfounded-or-excessive"
    OVERRIDING = "overriding-grounds"


REVIEWABLE: Final = frozenset({Ground.DANGER})
"""Grounds that another licensed professional reviews on request (45 CFR 164.524(a)(3))."""

ANSWERED: Final = frozenset({State.FULFILLED, State.PARTLY_DENIED, State.DENIED, State.WITHDRAWN})
DENYING: Final = frozenset({State.PARTLY_DENIED, State.DENIED})
OPEN: Final = frozenset(State) - ANSWERED - {State.CLOSED}

NEXT: Final[Mapping[State, frozenset[State]]] = {
    State.RECEIVED: frozenset({State.IDENTITY_CHECK, State.WITHDRAWN}),
    State.IDENTITY_CHECK: frozenset(
        {State.IN_PROGRESS, State.WAITING, State.DENIED, State.WITHDRAWN}
    ),
    State.IN_PROGRESS: frozenset({State.WAITING, *ANSWERED}),
    State.WAITING: frozenset({State.IN_PROGRESS, State.DENIED, State.WITHDRAWN}),
    State.FULFILLED: frozenset({State.CLOSED}),
    State.PARTLY_DENIED: frozenset({State.CLOSED}),
    State.DENIED: frozenset({State.CLOSED}),
    State.WITHDRAWN: frozenset({State.CLOSED}),
    State.CLOSED: frozenset(),
}

_EEA: Final = "ATBEBGCYCZDEDKEEESFIFRGRHRHUIEISITLILTLULVMTNLNOPLPTROSESISK"
EEA: Final = frozenset(_EEA[at : at + 2] for at in range(0, len(_EEA), 2))
_GDPR: Final = EEA | {"GB"}
_TWO: Final = {Kind.ACCESS: "access", Kind.CORRECTION: "amendment", Kind.ACCOUNTING: "accounting"}
_ONE: Final = {
    Kind.PORTABILITY: "portability.gdpr",
    Kind.ERASURE: "erasure.gdpr",
    Kind.RESTRICTION: "restriction.gdpr",
    Kind.OBJECTION: "objection.gdpr",
    Kind.CONFIDENTIAL: "confidential-communication",
    Kind.COMPLAINT: "complaint.answered",
}
ACKNOWLEDGED: Final = "complaint.acknowledged"


def clocks_for(kind: Kind, country: str) -> tuple[str, ...]:
    """Return the clocks that apply to who lives there; where it is not known, all of them.

    What only the GDPR knows is given to everybody, by its time.
    """
    if kind in _ONE:
        return (_ONE[kind],)
    base = _TWO[kind]
    if country == "US":
        return (f"{base}.hipaa",)
    if country in _GDPR:
        return (f"{base}.gdpr",)
    return (f"{base}.hipaa", f"{base}.gdpr")
