"""Which passwords, addresses and tokens are taken, and which are not."""

from __future__ import annotations

import pytest

from safelight.kernel.errors import InvalidFieldError
from safelight.records.accounts.addresses import masked, normalised
from safelight.records.accounts.rules import PasswordProblem, password_problem
from safelight.records.accounts.tokens import new_token, parts_of

ABOUT = ("Adalbert Owner", "adalbert.owner@example.org")


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("short", PasswordProblem.TOO_SHORT),
        ("ninechars", PasswordProblem.TOO_SHORT),
        ("x" * 1025, PasswordProblem.TOO_LONG),
        ("password1234", PasswordProblem.COMMON),
        ("Qwertyuiop", PasswordProblem.COMMON),
        ("1234567890123", PasswordProblem.COMMON),
        ("safelight2026!", PasswordProblem.COMMON),
        ("abababababab", PasswordProblem.REPETITIVE),
        ("AdalbertOwner1", PasswordProblem.PERSONAL),
        ("adalbert.owner@example.org", PasswordProblem.PERSONAL),
        ("twenty lower letters", None),
        ("correct horse battery staple", None),
        ("żółta łódź podwodna", None),
        ("k3!vQ9$zLm", None),
        ("w0rds " * 20, None),
        ("Adalbert walks nine dogs", None),
    ],
)
def test_a_password_is_refused_for_one_reason_or_taken(
    password: str, problem: PasswordProblem | None
) -> None:
    assert password_problem(password, about=ABOUT) is problem


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("Ada@Example.ORG", "ada@example.org"),
        ("  ada@example.org ", "ada@example.org"),
        ("ada@exämple.org", "ada@xn--exmple-cua.org"),
        ("ada@\uff45xample.org", "ada@example.org"),
        ("STRASSE@example.org", "strasse@example.org"),
        ("straße@example.org", "strasse@example.org"),
    ],
)
def test_spellings_of_one_address_meet(typed: str, same: str) -> None:
    assert normalised(typed) == same


@pytest.mark.parametrize(
    "typed",
    ["", "ada", "ada@", "@example.org", "ada@example", "a b@example.org", "a" * 250 + "@x.org"],
)
def test_what_mail_cannot_reach_is_no_address(typed: str) -> None:
    with pytest.raises(InvalidFieldError) as caught:
        normalised(typed)
    assert caught.value.code == "invalid:email"
    assert not typed or typed not in str(caught.value)


def test_a_cyrillic_look_alike_is_another_address() -> None:
    assert normalised("ada@ex\u0430mple.org") != normalised("ada@example.org")


def test_a_masked_address_tells_its_owner_only() -> None:
    assert masked("ada@example.org") == "a•••@e•••.org"


def test_a_token_has_the_agreed_shape_and_reads_back() -> None:
    text, parts = new_token()

    prefix, kind, public, secret, check = text.split("_")
    assert (prefix, kind, len(public), len(secret), len(check)) == ("sl", "api", 10, 43, 6)
    assert parts_of(text) == parts
    assert secret.encode() not in parts.secret_hash


def test_a_mistyped_token_is_refused_without_the_database() -> None:
    text, _ = new_token()
    for place in (3, 8, 20, len(text) - 1):
        wrong = "z" if text[place] != "z" else "y"
        assert parts_of(text[:place] + wrong + text[place + 1 :]) is None
    assert parts_of("") is None
    assert parts_of(text + "a") is None
