"""Does a small seal open only where it was made, and look like noise elsewhere?"""

from __future__ import annotations

import secrets

import pytest

from safelight.platform.keys.cipher import (
    derive,
    seal,
    seal_same,
    token,
    unseal,
    unseal_same,
)
from safelight.platform.keys.errors import SealBrokenError

KEY, SAME_KEY = bytes(range(32)), bytes(range(64))
VALUES = [b"", b"a", b"Doe^Jane", secrets.token_bytes(5000)]


@pytest.mark.parametrize("value", VALUES)
def test_what_was_sealed_opens_again(value: bytes) -> None:
    sealed = seal(KEY, value, bound_to="table|column")
    same = seal_same(SAME_KEY, value, bound_to="table|column")

    assert len(sealed) == len(value) + 29
    assert len(same) == len(value) + 17
    assert unseal(KEY, sealed, bound_to="table|column") == value
    assert unseal_same(SAME_KEY, same, bound_to="table|column") == value


def test_equal_values_differ_sealed_except_where_they_must_be_found() -> None:
    assert len({seal(KEY, b"a", bound_to="t|c") for _ in range(100)}) == 100
    assert len({seal_same(SAME_KEY, b"a", bound_to="t|c") for _ in range(100)}) == 1
    assert seal_same(SAME_KEY, b"a", bound_to="t|c") != seal_same(SAME_KEY, b"a", bound_to="t|d")
    assert seal_same(SAME_KEY, b"a", bound_to="t|c") != seal_same(SAME_KEY, b"b", bound_to="t|c")


def test_every_damaged_seal_is_refused() -> None:
    sealed = seal(KEY, b"a value", bound_to="t|c")
    same = seal_same(SAME_KEY, b"a value", bound_to="t|c")
    for at in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[at // 8] ^= 1 << at % 8
        with pytest.raises(SealBrokenError):
            unseal(KEY, bytes(flipped), bound_to="t|c")
    for at in range(len(same) * 8):
        flipped = bytearray(same)
        flipped[at // 8] ^= 1 << at % 8
        with pytest.raises(SealBrokenError):
            unseal_same(SAME_KEY, bytes(flipped), bound_to="t|c")
    for cut in range(len(sealed)):
        with pytest.raises(SealBrokenError):
            unseal(KEY, sealed[:cut], bound_to="t|c")
    for cut in range(len(same)):
        with pytest.raises(SealBrokenError):
            unseal_same(SAME_KEY, same[:cut], bound_to="t|c")


@pytest.mark.parametrize("elsewhere", ["", "t|d", "t|c ", "T|c"])
def test_a_seal_moved_elsewhere_does_not_open(elsewhere: str) -> None:
    with pytest.raises(SealBrokenError):
        unseal(KEY, seal(KEY, b"a", bound_to="t|c"), bound_to=elsewhere)
    with pytest.raises(SealBrokenError):
        unseal_same(SAME_KEY, seal_same(SAME_KEY, b"a", bound_to="t|c"), bound_to=elsewhere)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(SealBrokenError):
        unseal(bytes(32), seal(KEY, b"a", bound_to="t|c"), bound_to="t|c")
    with pytest.raises(SealBrokenError):
        unseal_same(bytes(64), seal_same(SAME_KEY, b"a", bound_to="t|c"), bound_to="t|c")


@pytest.mark.parametrize("length", [0, 16, 24, 31, 33])
def test_a_weaker_key_is_a_mistake_not_a_choice(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        seal(bytes(length), b"", bound_to="")
    with pytest.raises(ValueError, match="32 bytes"):
        token(bytes(length), b"")
    with pytest.raises(ValueError, match="64 bytes"):
        seal_same(bytes(length), b"", bound_to="")


def test_tokens_are_short_keyed_and_the_same_each_time() -> None:
    assert len(token(KEY, b"doe")) == 16
    assert token(KEY, b"doe") == token(KEY, b"doe")
    assert token(KEY, b"doe") != token(KEY, b"doe ")
    assert token(KEY, b"doe") != token(bytes(32), b"doe")


def test_derived_keys_depend_on_key_purpose_and_length() -> None:
    made = {derive(KEY, "a"), derive(KEY, "b"), derive(bytes(32), "a"), derive(KEY, "a", 64)[:32]}

    assert len(made) == 4
    assert derive(KEY, "a") == derive(KEY, "a")
