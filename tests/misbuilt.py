"""Faults that are built into a server on purpose: whoever looks for losses has to find these.

Each is the promise's own opposite: something is said to be kept before it is.
"""

from __future__ import annotations

import contextvars
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TypeVar

from safelight.exchange.receive import delivery, together
from safelight.platform.storage import packs, space

_T = TypeVar("_T")
_LATE = 0.1  # seconds


class Bug(StrEnum):
    """What is done too late."""

    ANSWER_BEFORE_COMMIT = "answer-before-commit"
    ROWS_BEFORE_BYTES = "rows-before-bytes"


def build_in(bug: Bug) -> None:
    """Let this process have a bug from now on."""
    if bug is Bug.ANSWER_BEFORE_COMMIT:
        setattr(delivery, "commit", _commit_later)  # noqa: B010 (it is not the module's to give)
    else:
        setattr(packs, "write_at", _write_later)  # noqa: B010 (likewise)


def _commit_later(work: Callable[[], _T]) -> _T:
    """Return what a transaction will have done, a moment before it is committed."""
    told: queue.Queue[_T] = queue.Queue()

    def telling() -> _T:
        done = work()
        told.put(done)
        time.sleep(_LATE)
        return done

    run = contextvars.copy_context().run
    threading.Thread(target=run, args=(together.commit, telling), daemon=True).start()
    return told.get(timeout=60)


def _write_later(descriptor: int, parts: Sequence[bytes], offset: int) -> int:
    """Say that bytes were written, and write them a moment later."""
    waiting, own = [bytes(part) for part in parts], os.dup(descriptor)

    def write() -> None:
        time.sleep(_LATE)
        space.write_at(own, waiting, offset)
        os.close(own)

    threading.Thread(target=write, daemon=True).start()
    return sum(map(len, waiting))
