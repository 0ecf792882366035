"""Is this password good enough? Length and being hard to guess; no rules about its letters.

A second factor is always asked for, so 10 characters suffice (SP 800-63B asks
for 8 then). What is refused is what a guesser tries first: common passwords,
with or without a tail of digits, repetition, and one's own name or address.
"""

from __future__ import annotations

import gzip
from enum import StrEnum
from functools import cache
from pathlib import Path

from django.contrib.auth import password_validation

SHORTEST = 10
LONGEST = 1024
_FEWEST_KINDS = 4
_LEFT = 8  # characters that must remain without the parts of one's own name
_PART = 4  # a part of a name or address shorter than this says nothing


class PasswordProblem(StrEnum):
    """Why a password is refused."""

    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"
    COMMON = "common"
    REPETITIVE = "repetitive"
    PERSONAL = "personal"


WORDS = {
    PasswordProblem.TOO_SHORT: f"Use at least {SHORTEST} characters. A few words work well.",
    PasswordProblem.TOO_LONG: f"Use at most {LONGEST} characters.",
    PasswordProblem.COMMON: "Too many people use this password; it is guessed at once.",
    PasswordProblem.REPETITIVE: "This repeats the same few characters; it is guessed at once.",
    PasswordProblem.PERSONAL: "This holds your own name or address; it is guessed at once.",
}


def password_problem(password: str, *, about: tuple[str, ...] = ()) -> PasswordProblem | None:
    """Return the first reason to refuse a password, or None.

    `about` is what a guesser may know of the person: name and e-mail address.
    """
    if len(password) < SHORTEST:
        return PasswordProblem.TOO_SHORT
    if len(password) > LONGEST:
        return PasswordProblem.TOO_LONG
    folded = password.casefold()
    bare = folded.strip("0123456789!?.,;:-_*#@$%&+= ")
    if len(set(folded)) < _FEWEST_KINDS:
        return PasswordProblem.REPETITIVE
    if folded in _common() or bare in _common() or bare in {"", "safelight"}:
        return PasswordProblem.COMMON
    rest = folded
    for part in _parts(about):
        rest = rest.replace(part, "")
    if rest != folded and len(rest) < _LEFT:
        return PasswordProblem.PERSONAL
    return None


def _parts(about: tuple[str, ...]) -> set[str]:
    letters = "".join(c if c.isalnum() else " " for text in about for c in text.casefold() + " ")
    return {part for part in letters.split() if len(part) >= _PART}


@cache
def _common() -> frozenset[str]:
    # The list of 20,000 common passwords that Django ships.
    path = Path(password_validation.__file__).parent / "common-passwords.txt.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return frozenset(line.strip() for line in lines)
