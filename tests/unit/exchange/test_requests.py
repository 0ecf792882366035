"""What becomes of a request for a consent, and what does whoever asked learn of it?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from safelight.exchange.consent.requests import (
    LASTS,
    Answer,
    RequestState,
    answer_to_asker,
    state_at,
)

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize("state", [RequestState.REQUESTED, RequestState.VIEWED])
def test_what_nobody_answers_is_over_after_fourteen_days(state: RequestState) -> None:
    assert timedelta(days=14) == LASTS
    last = NOON + LASTS - timedelta(seconds=1)
    assert state_at(state, asked_at=NOON, at=last) is state
    assert state_at(state, asked_at=NOON, at=NOON + LASTS) is RequestState.EXPIRED


@pytest.mark.parametrize(
    "state", [RequestState.GRANTED, RequestState.DECLINED, RequestState.WITHDRAWN]
)
def test_what_was_answered_stays_answered(state: RequestState) -> None:
    assert state_at(state, asked_at=NOON, at=NOON + 2 * LASTS) is state


@pytest.mark.parametrize(
    ("state", "answer"),
    [
        (RequestState.REQUESTED, Answer.OPEN),
        (RequestState.VIEWED, Answer.OPEN),
        (RequestState.GRANTED, Answer.GRANTED),
        (RequestState.DECLINED, Answer.NOT_GRANTED),
        (RequestState.EXPIRED, Answer.NOT_GRANTED),
        (RequestState.WITHDRAWN, Answer.WITHDRAWN),
    ],
)
def test_whoever_asked_learns_neither_whether_it_was_read_nor_why_not(
    state: RequestState, answer: Answer
) -> None:
    assert answer_to_asker(state, asked_at=NOON, at=NOON) is answer
