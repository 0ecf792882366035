"""Blocks that are opened at once leave in their order, a few at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from safelight.platform.storage.ahead import in_order


def test_results_come_in_order_though_the_first_takes_longest() -> None:
    def act(number: int) -> Callable[[], int]:
        def run() -> int:
            time.sleep(0.02 if number == 0 else 0)
            return number

        return run

    assert list(in_order(act(number) for number in range(20))) == list(range(20))


def test_only_a_few_are_begun_before_somebody_takes_the_first() -> None:
    begun: list[int] = []

    def acts() -> Iterator[Callable[[], int]]:
        for number in range(100):
            begun.append(number)
            yield partial(int, number)

    running = in_order(acts())
    assert next(running) == 0
    assert len(begun) < 10
    del running


def test_a_fault_reaches_whoever_reads_and_ends_it() -> None:
    def fail() -> int:
        raise OSError("gone")

    running = in_order([lambda: 1, fail, lambda: 3])
    assert next(running) == 1
    with pytest.raises(OSError, match="gone"):
        next(running)
    assert threading.active_count() < 50
