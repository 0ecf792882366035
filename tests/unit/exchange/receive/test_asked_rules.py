"""What may an upload request ask for, and when is its link open? Each rule by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from safelight.exchange.receive.asked.rules import (
    LONGEST,
    LONGEST_MESSAGE,
    LONGEST_NAME,
    MOST_PARCELS,
    Check,
    Introduced,
    LinkFacts,
    LinkState,
    Wish,
    end_of,
    faults_of_introduction,
    faults_of_wish,
    may_go_on,
    state_of,
)

NOW = datetime(2026, 5, 3, 12, tzinfo=UTC)
TODAY = NOW.date()
GOOD = Wish(ends_on=TODAY + timedelta(days=14))
OPEN = LinkFacts(
    ends_at=NOW + timedelta(seconds=1), is_withdrawn=False, is_locked=False, parcels_left=1
)
EVA = Introduced(name="Eva", address="eva@brandt.example", relation="sister", may_send=True)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({}, ""),
        ({"ends_on": TODAY}, ""),
        ({"ends_on": TODAY + LONGEST}, ""),
        ({"ends_on": None}, "ends_on"),
        ({"ends_on": TODAY - timedelta(days=1)}, "ends_on"),
        ({"ends_on": TODAY + LONGEST + timedelta(days=1)}, "ends_on"),
        ({"ends_on": date.max}, "ends_on"),
        ({"parcels": 0}, "parcels"),
        ({"parcels": MOST_PARCELS}, ""),
        ({"parcels": MOST_PARCELS + 1}, "parcels"),
        ({"message": "x" * LONGEST_MESSAGE}, ""),
        ({"message": "x" * (LONGEST_MESSAGE + 1)}, "message"),
        ({"expected": "x" * (LONGEST_NAME + 1)}, "expected"),
        ({"check": "handshake"}, "check"),
        ({"check": Check.PASSPHRASE}, ""),
        ({"check": Check.CODE}, "address"),
        ({"check": Check.CODE, "address": "eva@brandt.example"}, ""),
        ({"address": "nowhere"}, "address"),
    ],
)
def test_a_wish_is_refused_for_just_what_is_wrong_with_it(
    changed: dict[str, object], field: str
) -> None:
    faults = faults_of_wish(replace(GOOD, **changed), at=NOW)  # type: ignore[arg-type]  # by field
    assert list(faults) == ([field] if field else [])


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({}, ""),
        ({"name": ""}, "name"),
        ({"name": "x" * (LONGEST_NAME + 1)}, "name"),
        ({"address": "eva"}, "address"),
        ({"relation": ""}, "relation"),
        ({"may_send": False}, "may_send"),
    ],
)
def test_a_sender_says_who_they_are_and_that_they_may(
    changed: dict[str, object], field: str
) -> None:
    faults = faults_of_introduction(replace(EVA, **changed))  # type: ignore[arg-type]  # by field
    assert list(faults) == ([field] if field else [])


@pytest.mark.parametrize(
    ("changed", "state", "goes_on"),
    [
        ({}, LinkState.OPEN, True),
        ({"parcels_left": 0}, LinkState.USED_UP, True),
        ({"ends_at": NOW}, LinkState.OVER, False),
        ({"is_locked": True}, LinkState.LOCKED, False),
        ({"is_withdrawn": True, "is_locked": True}, LinkState.WITHDRAWN, False),
    ],
)
def test_a_link_lets_in_while_it_is_open_and_lets_go_on_what_was_begun(
    changed: dict[str, object], state: LinkState, *, goes_on: bool
) -> None:
    link = replace(OPEN, **changed)  # type: ignore[arg-type]  # by field
    assert state_of(link, at=NOW) is state
    assert may_go_on(link, at=NOW) is goes_on


def test_a_last_day_is_over_with_its_last_second() -> None:
    assert end_of(TODAY).date() == TODAY
    assert end_of(TODAY) + timedelta(seconds=1) == datetime(2026, 5, 4, tzinfo=UTC)
