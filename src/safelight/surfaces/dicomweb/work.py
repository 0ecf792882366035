"""How does blocking work run beside the event loop?

Database, packs and cage are blocking; each unit of work runs in a thread with
database connections of its own, fresh where they have grown old. A hop to a
thread and back is a twentieth of a millisecond, and a picture is one hop.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any, Final, ParamSpec, TypeVar

from anyio import CancelScope
from django.db import close_old_connections

_P = ParamSpec("_P")
_T = TypeVar("_T")
_THREADS: Final = 16
_FRESH: Final = 1.0  # seconds that a piece may wait before it is asked again whether it may leave


@dataclass(frozen=True, slots=True)
class _Unit:
    """One unit of work, and who waits for it."""

    act: Callable[[], Any]
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Any]


class _Crew:
    """The threads of this process; they start when there is work, and stay."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._units: SimpleQueue[_Unit] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._started = 0
        self._lock = threading.Lock()

    def do(self, unit: _Unit) -> None:
        self._units.put(unit)
        if not self._idle.acquire(blocking=False):
            self._start_one()

    def _start_one(self) -> None:
        with self._lock:
            if self._started < self._most:
                self._started += 1
                threading.Thread(target=self._work, name="unit-of-work", daemon=True).start()

    def _work(self) -> None:
        while True:
            try:
                unit = self._units.get_nowait()
            except Empty:
                self._idle.release()
                unit = self._units.get()
            _do(unit)
            del unit  # what it answered may be large


_crew = _Crew(_THREADS)


def _do(unit: _Unit) -> None:
    result, fault = None, None
    try:
        close_old_connections()
        result = unit.act()
    except BaseException as error:  # noqa: BLE001 - whoever waits gets it, whatever it is
        fault = error
    with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
        unit.loop.call_soon_threadsafe(_settle, unit.done, result, fault)


def _settle(done: asyncio.Future[Any], result: object, fault: BaseException | None) -> None:
    if done.cancelled():
        return
    if fault is not None:
        done.set_exception(fault)
    else:
        done.set_result(result)


async def in_thread(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Run one unit of blocking work in a thread."""
    done = _begun(partial(function, *args, **kwargs))
    try:
        return await asyncio.shield(done)
    except asyncio.CancelledError:
        # What has begun in a thread is waited for: what it uses may be let go next.
        with CancelScope(shield=True):
            await asyncio.wait([done])
        raise


def _begun(function: Callable[[], _T]) -> asyncio.Future[_T]:
    """Begin a unit of work; it goes on while something else is waited for."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[_T] = loop.create_future()
    _crew.do(_Unit(function, loop, done))
    return done


async def streamed(
    pieces: Iterator[bytes], may_leave: Callable[[], bool] | None = None
) -> AsyncIterator[bytes]:
    """Take pieces from a blocking iterator, the next one while one is being sent.

    A piece that had to wait for a slow reader leaves only if it still may.
    """
    coming = _begun(partial(_stamped, pieces))
    try:
        while True:
            taken_at, piece = await asyncio.shield(coming)
            if piece is None:
                return
            waited = monotonic() - taken_at > _FRESH
            if waited and may_leave is not None and not await in_thread(may_leave):
                return
            coming = _begun(partial(_stamped, pieces))
            yield piece
    finally:
        # What has begun in a thread is waited for: what it uses may be let go next.
        with CancelScope(shield=True):
            await asyncio.wait([coming])
        if not coming.cancelled():
            coming.exception()


def _stamped(pieces: Iterator[bytes]) -> tuple[float, bytes | None]:
    piece = next(pieces, None)
    return monotonic(), piece
