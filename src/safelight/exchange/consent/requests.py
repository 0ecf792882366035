"""How does a request for a consent live: who may still answer it, and what does the asker learn?"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

LASTS: Final = timedelta(days=14)


class RequestState(StrEnum):
    """Where a request is. Values are stable codes."""

    REQUESTED = "requested"
    VIEWED = "viewed"
    GRANTED = "granted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Answer(StrEnum):
    """What the asker may know: never whether it was read, nor why it was not granted."""

    OPEN = "open"
    GRANTED = "granted"
    NOT_GRANTED = "not-granted"
    WITHDRAWN = "withdrawn"


OPEN: Final = frozenset({RequestState.REQUESTED, RequestState.VIEWED})
_SHOWN: Final = {
    RequestState.REQUESTED: Answer.OPEN,
    RequestState.VIEWED: Answer.OPEN,
    RequestState.GRANTED: Answer.GRANTED,
    RequestState.DECLINED: Answer.NOT_GRANTED,
    RequestState.EXPIRED: Answer.NOT_GRANTED,
    RequestState.WITHDRAWN: Answer.WITHDRAWN,
}


def state_at(state: RequestState, *, asked_at: datetime, at: datetime) -> RequestState:
    """Return where a request is at a moment: what nobody answered in 14 days is over."""
    is_over = at >= asked_at + LASTS
    return RequestState.EXPIRED if state in OPEN and is_over else state


def answer_to_asker(state: RequestState, *, asked_at: datetime, at: datetime) -> Answer:
    """Return what the asker sees: one that was declined reads like one that was left alone."""
    return _SHOWN[state_at(state, asked_at=asked_at, at=at)]
