"""Units of work go to threads and come back; what waits for a slow reader is asked about again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from safelight.surfaces.dicomweb import work
from safelight.surfaces.dicomweb.work import in_thread, streamed

# The threads look after connections that earlier tests may have left them.
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

_Answer = TypeVar("_Answer")


def _run(asked: Coroutine[Any, Any, _Answer]) -> _Answer:
    """Run it on a loop of its own thread: a browser that is open has a loop on this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asked).result()


def test_a_unit_runs_in_another_thread_and_its_answer_and_fault_come_back() -> None:
    async def ask() -> None:
        assert await in_thread(threading.get_ident) != threading.get_ident()
        with pytest.raises(ValueError, match="said so"):
            await in_thread(_fail)

    _run(ask())


def _fail() -> None:
    raise ValueError("said so")


def test_what_has_begun_is_waited_for_when_it_is_cancelled() -> None:
    began, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def unit() -> None:
        began.set()
        may_end.wait(10)
        ended.set()

    async def ask() -> None:
        task = asyncio.create_task(in_thread(unit))
        await asyncio.sleep(0)
        await in_thread(began.wait, 10)
        task.cancel()
        await asyncio.sleep(0.01)
        may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended.is_set()

    _run(ask())


def test_more_units_than_threads_are_all_done() -> None:
    async def ask() -> list[int]:
        return await asyncio.gather(*[in_thread(pow, n, 2) for n in range(100)])

    assert _run(ask()) == [n * n for n in range(100)]


def _pieces() -> Iterator[bytes]:
    yield from (b"one", b"two", b"three")


def test_pieces_come_whole_and_in_order() -> None:
    async def read() -> list[bytes]:
        return [piece async for piece in streamed(_pieces())]

    assert _run(read()) == [b"one", b"two", b"three"]


def test_a_piece_that_waited_leaves_only_if_it_still_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "_FRESH", -1.0)
    answers = iter([True, False])

    async def read() -> list[bytes]:
        return [piece async for piece in streamed(_pieces(), lambda: next(answers))]

    assert _run(read()) == [b"one"]
