"""Do days, counts and people read as a person would say them?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from safelight.surfaces.web.templatetags import words

NOON = datetime(2026, 5, 12, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (NOON.replace(hour=9, minute=5), "today, 9:05 UTC"),
        (NOON - timedelta(hours=13), "yesterday, 23:00 UTC"),
        (NOON - timedelta(days=4), "Friday 8 May, 12:00 UTC"),
        (NOON - timedelta(days=30), "12 April 2026, 12:00 UTC"),
        (NOON - timedelta(days=300), "16 July 2025, 12:00 UTC"),
        (NOON + timedelta(days=2), "14 May 2026, 12:00 UTC"),
    ],
)
def test_the_nearer_a_moment_the_shorter_it_is_said(when: datetime, expected: str) -> None:
    assert words.said_moment(when, at=NOON) == expected


def test_a_moment_is_said_in_the_time_zone_that_is_active() -> None:
    with timezone.override("Asia/Tokyo"):
        assert words.said_moment(NOON, at=NOON) == "today, 21:00 JST"


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (NOON + timedelta(days=21), "21 days left"),
        (NOON + timedelta(hours=13), "1 day left"),
        (NOON + timedelta(hours=2), "ends today"),
        (NOON, "ended"),
        (NOON - timedelta(days=3), "ended"),
    ],
)
def test_time_left_is_counted_in_midnights(until: datetime, expected: str) -> None:
    assert words.said_left(until, at=NOON) == expected


@pytest.mark.parametrize(
    ("passed", "expected"),
    [(timedelta(0), 100), (timedelta(days=15), 50), (timedelta(days=30, seconds=-1), 1)],
)
def test_a_fuse_burns_down_and_shows_something_to_the_last(
    passed: timedelta, expected: int
) -> None:
    assert words.percent_left(NOON, NOON + timedelta(days=30), at=NOON + passed) == expected


@pytest.mark.parametrize(
    ("since", "until"),
    [(NOON - timedelta(days=2), NOON), (NOON, NOON), (NOON, NOON - timedelta(days=1))],
)
def test_a_fuse_that_is_over_or_never_was_shows_nothing(since: datetime, until: datetime) -> None:
    assert words.percent_left(since, until, at=NOON) == 0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Dr Ada Example", "AE"),
        ("Ada", "A"),
        ("Prof. Émile van Example", "ÉE"),
        ("ada lovelace", "AL"),
        ("", ""),
        ("12 34", ""),
        ("李 小龍", "李小"),
    ],
)
def test_initials_leave_titles_out(name: str, expected: str) -> None:
    assert words.initials(name) == expected


def test_counts_agree_with_their_number() -> None:
    assert words.pictures(1) == "1 picture"
    assert words.pictures(240) == "240 pictures"
    assert words.can_see(1, 1) == "1 person can see 1 exam"
    assert words.can_see(3, 2) == "3 people can see 2 exams"


def test_a_day_is_said_with_its_year_only_where_it_is_another() -> None:
    assert words.said_short(date(2026, 6, 2), at=NOON) == "2 June"
    assert words.said_short(date(2025, 6, 2), at=NOON) == "2 June 2025"
    assert words.day(date(2026, 4, 28)) == "28 April 2026"
    assert words.long_day(date(2026, 4, 28)) == "Tuesday 28 April 2026"


def test_no_day_is_said_as_nothing() -> None:
    assert [words.day(None), words.moment(None), words.time_left(None)] == ["", "", ""]


def test_a_date_field_gets_an_iso_day_or_what_was_typed() -> None:
    assert words.iso(date(2026, 6, 2)) == "2026-06-02"
    assert words.iso("2 June") == "2 June"
