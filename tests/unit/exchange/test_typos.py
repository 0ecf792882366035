"""Is a slip in an address noticed, and a good address left alone?"""

from __future__ import annotations

import pytest

from safelight.exchange.release.sharing.typos import perhaps_meant, slips


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("anna@gmial.com", "anna@gmail.com"),
        ("anna@gmail.con", "anna@gmail.com"),
        ("Anna@GMAIL.COM", ""),
        ("anna@outlok.com", "anna@outlook.com"),
        ("anna@clinic.example", ""),
        ("anna@cliinc-north.example", "anna@clinic-north.example"),
        ("anna@clinic-north.example", ""),
        ("anna@gmx.fr", ""),
        ("anna@web.dw", "anna@web.de"),
        ("anna", ""),
        ("", ""),
    ],
)
def test_a_slip_is_noticed(typed: str, meant: str) -> None:
    assert perhaps_meant(typed, ["clinic-north.example"]) == meant


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [("", "", 0), ("ab", "ab", 0), ("ab", "ba", 1), ("abc", "ab", 1), ("abc", "xbcd", 2)],
)
def test_slips_are_counted_as_people_make_them(one: str, other: str, count: int) -> None:
    assert slips(one, other) == slips(other, one) == count
