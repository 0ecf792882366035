"""The name in a header is the account holder's, or it is not."""

from __future__ import annotations

import pytest

from safelight.exchange.receive.holder import is_named_like


@pytest.mark.parametrize(
    ("header", "account"),
    [
        ("Müller^Jörg", "Jörg Müller"),
        ("MUELLER^ANNA MARIA", "Anna Müller"),
        ("Doe^J^A", "Jane A. Doe"),
        ("Doe^J", "Jane Doe"),
        ("Patient^Example^^Dr", "Example Patient"),
        ("van der Berg^Els", "Els van der Berg"),
        ("Yamada^Tarou=山田^太郎", "山田 太郎"),
        ("ÉMILE^Zoë", "Zoe Emile"),
    ],
)
def test_other_spellings_of_one_name_fit(header: str, account: str) -> None:
    assert is_named_like(header, account)


@pytest.mark.parametrize(
    ("header", "account"),
    [
        ("Doe^Jane", "John Doe"),
        ("Doe^", "Jane Doe"),
        ("^Jane", "Jane Doe"),
        ("J^D", "Jane Doe"),
        ("", "Jane Doe"),
        ("Doe^Jane", ""),
    ],
)
def test_another_name_or_half_a_name_does_not(header: str, account: str) -> None:
    assert not is_named_like(header, account)
