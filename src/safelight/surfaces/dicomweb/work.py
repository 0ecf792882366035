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
from typing import Any, Final, ParamSpec, TypeVar

from anyio import CancelScope
from django.db import close_old_connections

_P = ParamSpec("_P")
_T = TypeVar("_T")
_THREADS: Final = 16


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
    loop = asyncio.get_running_loop()
    done: asyncio.Future[_T] = loop.create_future()
    _crew.do(_Unit(partial(function, *args, **kwargs), loop, done))
    try:
        return await asyncio.shield(done)
    except asyncio.CancelledError:
        # What has begun in a thread is waited for: what it uses may be let go next.
        with CancelScope(shield=True):
            await asyncio.wait([done])
        raise


async def streamed(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Take pieces from a blocking iterator, one thread hop each."""
    while (piece := await in_thread(next, pieces, None)) is not None:
        yield piece
