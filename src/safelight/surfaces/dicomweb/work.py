"""How does blocking work run beside the event loop?

Database, packs and cage are blocking; each unit of work runs in a thread with
database connections of its own, fresh where they have grown old.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from django.db import close_old_connections

_P = ParamSpec("_P")
_T = TypeVar("_T")
_limiter: list[CapacityLimiter] = []


def _threads() -> CapacityLimiter:
    if not _limiter:
        _limiter.append(CapacityLimiter(16))
    return _limiter[0]


async def in_thread(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Run one unit of blocking work in a thread."""

    def unit() -> _T:
        close_old_connections()
        return function(*args, **kwargs)

    return await to_thread.run_sync(unit, limiter=_threads())


async def streamed(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Take pieces from a blocking iterator, one thread hop each."""
    while (piece := await in_thread(partial(_next, pieces))) is not None:
        yield piece


def _next(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)
