"""How are the blocks of a large object opened on every core, and still leave in their order?

Opening a block is decrypting and decompressing, which both let other threads run. No
more than a few blocks are open at a time, however large the object is.
"""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_T = TypeVar("_T")
_MOST_CORES: Final = 4


def _cores() -> int:
    return min(_MOST_CORES, os.cpu_count() or 1)


@cache
def _pool(_process: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_cores(), thread_name_prefix="opening")


def in_order(acts: Iterable[Callable[[], _T]]) -> Iterator[_T]:
    """Yield what each act returns, in order, while the next few are under way.

    The acts must need nothing that belongs to one thread, such as a database connection.
    """
    coming: deque[Future[_T]] = deque()
    pool = _pool(os.getpid())
    try:
        for act in acts:
            coming.append(pool.submit(act))
            if len(coming) > _cores():
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()
    finally:
        for each in coming:
            each.cancel()
