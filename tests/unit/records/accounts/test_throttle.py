"""Counting tries: in windows, per source, without knowing whose they are."""

from __future__ import annotations

from datetime import timedelta

import pytest

from safelight.kernel import clock
from safelight.records.accounts.errors import RateLimitedError
from safelight.records.accounts.models import Attempts
from safelight.records.accounts.throttle import Limit, forget_old, give_back, network_of, take

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

THRICE = Limit("test", 3, timedelta(minutes=10))


def test_a_limit_holds_and_forgets_when_its_window_is_over() -> None:
    start = clock.now()
    for _ in range(3):
        take(THRICE, "ada", at=start)

    with pytest.raises(RateLimitedError) as caught:
        take(THRICE, "ada", at=start + timedelta(minutes=4))
    assert caught.value.retry_after == timedelta(minutes=6)
    take(THRICE, "sam", at=start)
    take(THRICE, "ada", at=start + timedelta(minutes=10))


def test_a_right_try_is_given_back() -> None:
    for _ in range(10):
        take(THRICE, "ada", at=clock.now())
        give_back(THRICE, "ada")


def test_counters_do_not_say_whom_they_count() -> None:
    take(THRICE, "ada@example.org", "203.0.113.7", at=clock.now())

    bucket = bytes(Attempts.objects.get().bucket)
    assert len(bucket) == 16
    assert b"ada" not in bucket


def test_old_counters_are_forgotten() -> None:
    take(THRICE, "ada", at=clock.now())

    assert forget_old(at=clock.now()) == 0
    assert forget_old(at=clock.now() + timedelta(hours=25)) == 1


@pytest.mark.parametrize(
    ("source", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("", "unknown"),
        ("not an address", "unknown"),
    ],
)
def test_an_ipv6_household_is_one_source(source: str, network: str) -> None:
    assert network_of(source) == network
