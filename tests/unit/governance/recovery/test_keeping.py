"""Which backups stay: all of a week, one of each week, one of each month, and the newest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from safelight.governance.recovery.keeping import kept
from safelight.governance.recovery.manifest import id_at, moment_of

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def made(days: int) -> list[str]:
    """Name the backups of so many days, one a day, the oldest first."""
    return [id_at(AT - timedelta(days=back)) for back in range(days, -1, -1)]


def test_a_name_says_the_moment() -> None:
    assert moment_of(id_at(AT)) == AT


def test_every_backup_of_the_last_week_stays() -> None:
    week = made(6)
    assert kept(week, at=AT) == set(week)


def test_of_each_earlier_week_the_last_stays() -> None:
    stay = kept(made(55), at=AT)
    older = sorted(each for each in stay if AT - moment_of(each) >= timedelta(days=7))
    weeks = [moment_of(each).isocalendar()[:2] for each in older]
    assert len(weeks) == len(set(weeks))
    assert 7 <= len(older) <= 8


def test_of_each_month_of_a_year_the_last_stays_and_then_none() -> None:
    stay = kept(made(800), at=AT)
    assert len(stay) <= 7 + 8 + 13
    assert min(moment_of(each) for each in stay) > AT - timedelta(days=366)


def test_the_newest_stays_however_old_it_is() -> None:
    old = id_at(AT - timedelta(days=900))
    assert kept([old], at=AT) == {old}
    assert kept([], at=AT) == set()
