"""What a process remembers of an exam ends with the epoch it was decided in."""

from __future__ import annotations

import time

import pytest

from safelight.exchange.release.viewing.memory import Memory


def test_a_thing_is_remembered_under_its_own_epoch_only() -> None:
    kept: Memory[str] = Memory(4)
    kept.keep("exam", 7, "opened")

    assert kept.recall("exam", 7) == "opened"
    assert kept.recall("exam", 8) is None
    assert kept.recall("exam", 7) is None, "what was void once must not come back"


def test_what_was_used_last_stays() -> None:
    kept: Memory[int] = Memory(2)
    kept.keep("a", 1, 1)
    kept.keep("b", 1, 2)
    kept.recall("a", 1)
    kept.keep("c", 1, 3)

    assert [kept.recall(name, 1) for name in "abc"] == [1, None, 3]


def test_nothing_is_remembered_for_longer_than_five_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept: Memory[str] = Memory(4)
    kept.keep("exam", 1, "opened")
    later = time.monotonic() + 301
    monkeypatch.setattr(time, "monotonic", lambda: later)

    assert kept.recall("exam", 1) is None
