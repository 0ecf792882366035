"""Is each clock of the table right to the second, and is it the one that other rooms keep?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from safelight.exchange.access.powers import emergency
from safelight.exchange.access.powers.kinds import LONGEST_ACCESS
from safelight.exchange.release.remove import TIME_TO_UNDO
from safelight.exchange.release.suspending import BY_WORD_OF_MOUTH
from safelight.governance.deadlines.clocks import CLOCKS, Length, Regime, Unit
from safelight.governance.deadlines.rules import Calendar, due, is_over, longest, moments, strictest
from safelight.governance.watch.incidents import TIME_TO_TELL
from safelight.records.accounts import sessions
from safelight.records.accounts.authorization.actions import LASTS

# A Friday; Monday the sixth of April 2026 is closed.
BEGAN = datetime(2026, 4, 3, 9, 30, tzinfo=UTC)
HOUSE = Calendar(UTC, frozenset({date(2026, 4, 6)}))
SECOND = timedelta(seconds=1)

# When it is too late, written by hand from the calendar of 2026 to 2032.
TOO_LATE = {
    "access.hipaa": "2026-05-04T00:00:00",
    "access.gdpr": "2026-05-04T00:00:00",
    "amendment.hipaa": "2026-06-03T00:00:00",
    "amendment.gdpr": "2026-05-04T00:00:00",
    "accounting.hipaa": "2026-06-03T00:00:00",
    "accounting.gdpr": "2026-05-04T00:00:00",
    "erasure.gdpr": "2026-05-04T00:00:00",
    "restriction.gdpr": "2026-05-04T00:00:00",
    "objection.gdpr": "2026-05-04T00:00:00",
    "portability.gdpr": "2026-05-04T00:00:00",
    "confidential-communication": "2026-05-04T00:00:00",
    "complaint.acknowledged": "2026-04-09T00:00:00",
    "complaint.answered": "2026-05-04T00:00:00",
    "marketing-opt-out.law": "2026-04-21T00:00:00",
    "marketing-opt-out": "2026-04-03T09:30:00",
    "analytics-objection": "2026-04-03T09:30:00",
    "breach.individuals": "2026-06-02T09:30:00",
    "breach.individuals-promised": "2026-04-14T00:00:00",
    "breach.secretary-few": "2026-06-03T00:00:00",
    "breach.authority": "2026-04-06T09:30:00",
    "breach.oral-delay": "2026-05-03T09:30:00",
    "breach.web-posting": "2026-07-03T00:00:00",
    "legal-order.notice": "2026-04-18T00:00:00",
    "documents-kept": "2032-04-04T00:00:00",
    "training.valid": "2027-04-04T00:00:00",
    "statement.soft-window": "2026-04-03T09:45:00",
    "consent.usual": "2026-05-04T00:00:00",
    "consent.longest": "2027-04-04T00:00:00",
    "consent.standing-longest": "2028-04-04T00:00:00",
    "step-up": "2026-04-03T09:35:00",
    "session.longest": "2026-04-03T21:30:00",
    "session.idle": "2026-04-03T10:00:00",
    "session.idle-staff": "2026-04-03T09:45:00",
    "share-code": "2026-04-03T09:40:00",
    "elevation": "2026-04-03T13:30:00",
    "inactivation.cooling": "2026-05-04T00:00:00",
    "erasure.undo": "2026-04-10T09:30:00",
    "revocation.stream": "2026-04-03T09:30:05",
    "revocation.caches": "2026-04-03T09:31:00",
    "emergency.review": "2026-04-09T00:00:00",
    "emergency.owner-told": "2026-04-04T09:30:00",
    "access-review": "2026-07-03T00:00:00",
    "scrub": "2026-05-03T09:30:00",
}


def test_each_clock_has_its_line() -> None:
    assert set(TOO_LATE) == set(CLOCKS)


@pytest.mark.parametrize("name", sorted(CLOCKS))
def test_the_last_second_is_in_time_and_the_next_is_not(name: str) -> None:
    ends = due(BEGAN, CLOCKS[name].length, HOUSE)
    late = datetime.fromisoformat(TOO_LATE[name]).replace(tzinfo=UTC)
    assert not is_over(ends, late - SECOND)
    assert is_over(ends, late)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("step-up", LASTS),
        ("session.longest", sessions.ABSOLUTE),
        ("session.idle", sessions.IDLE_INDIVIDUAL),
        ("session.idle-staff", sessions.IDLE_PROVIDER),
        ("elevation", LONGEST_ACCESS),
        ("erasure.undo", TIME_TO_UNDO),
        ("emergency.owner-told", emergency.OWNER_TOLD_WITHIN),
        ("breach.oral-delay", BY_WORD_OF_MOUTH),
        ("breach.individuals", TIME_TO_TELL),
    ],
)
def test_what_another_room_keeps_is_the_table_s_figure(name: str, kept: timedelta) -> None:
    assert due(BEGAN, CLOCKS[name].length, HOUSE) - BEGAN == kept


def test_working_days_that_another_room_counts_are_the_table_s() -> None:
    assert CLOCKS["emergency.review"].length == Length(emergency.REVIEW_WITHIN, Unit.WORKING_DAYS)


@pytest.mark.parametrize(
    ("began", "months", "last"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-01-31", 3, "2026-04-30"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-11-30", 3, "2027-02-28"),
    ],
)
def test_a_month_without_that_day_ends_with_its_last(began: str, months: int, last: str) -> None:
    at = datetime.fromisoformat(began).replace(hour=12, tzinfo=UTC)
    after = datetime.fromisoformat(last).replace(tzinfo=UTC) + timedelta(days=1)
    assert due(at, Length(months, Unit.MONTHS), Calendar()) == after


def test_a_day_ends_where_the_house_is_also_when_its_clocks_change() -> None:
    vienna = Calendar(ZoneInfo("Europe/Vienna"))
    at = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # the second of March there
    assert due(at, Length(30, Unit.DAYS), vienna) == datetime(2026, 4, 1, 22, tzinfo=UTC)


def test_of_several_regimes_the_strictest_wins_and_bounds_the_extension() -> None:
    both = [CLOCKS["access.hipaa"], CLOCKS["access.gdpr"]]
    february = datetime(2026, 2, 1, 9, tzinfo=UTC)
    assert strictest(both, february, HOUSE).regime is Regime.GDPR
    july = datetime(2026, 7, 1, 9, tzinfo=UTC)
    assert strictest(both, july, HOUSE).regime is Regime.HIPAA
    assert longest(both, july, HOUSE) == datetime(2026, 8, 31, tzinfo=UTC)
    assert longest([CLOCKS["access.gdpr"]], july, HOUSE) == datetime(2026, 10, 2, tzinfo=UTC)
    assert longest([CLOCKS["confidential-communication"]], july, HOUSE) is None


def test_a_breach_is_recalled_at_30_45_55_and_59_days_and_at_its_end() -> None:
    clock = CLOCKS["breach.individuals"]
    ends = due(BEGAN, clock.length, HOUSE)
    assert [(each - BEGAN).days for each in moments(clock, ends)] == [30, 45, 55, 59, 60]
