"""Whose turn is it to write into this file?

SQLite lets one connection write and has the others ask again after a sleep, ever longer,
up to a tenth of a second: where several processes store at once, the file lies idle for
much of the time. Here whoever would write waits in a queue that goes on at once: a lock
among the threads of a process, and two among processes, in a file beside the database.
Of those two, one is the turn and the other the right to be next, so that a process with
many writers does not keep the turn to itself.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from functools import cache
from typing import Final

_TURN: Final = 0  # bytes of the file that are locked; they need not be there
_NEXT: Final = 1
_ASK_EVERY: Final = 0.0003  # seconds
_WITHOUT: Final = 60.0  # seconds without turns after one that never came


class Turn:
    """The turn of one process at one database file; thread-safe."""

    def __init__(self, database: str) -> None:
        """Prepare for the database file at this path."""
        self._threads = threading.Lock()
        self._file = os.open(f"{database}-turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._without_until = 0.0

    def take(self, *, seconds: float) -> bool:
        """Wait for the turn, at most so long, and say whether it came.

        A turn that does not come is no refusal: SQLite's own lock keeps writers apart.
        """
        began = time.monotonic()
        if began < self._without_until:
            return False
        until = began + seconds
        if self._threads.acquire(timeout=seconds):
            if self._lock(_NEXT, until):
                is_ours = self._lock(_TURN, until)
                self._unlock(_NEXT)
                if is_ours:
                    return True
            self._threads.release()
        # Whoever has it hangs. For a while it is as if there were no turns.
        self._without_until = time.monotonic() + _WITHOUT
        return False

    def give(self) -> None:
        """Let the next one write."""
        self._unlock(_TURN)
        self._threads.release()

    def _lock(self, which: int, until: float) -> bool:
        while True:
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, which)
            except (BlockingIOError, PermissionError):
                if time.monotonic() >= until:
                    return False
                time.sleep(_ASK_EVERY)
            else:
                return True

    def _unlock(self, which: int) -> None:
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, which)


def turn_at(database: str) -> Turn:
    """Return this process's turn at a database file; a fork has its own."""
    return _turn_of(database, os.getpid())


@cache
def _turn_of(database: str, _process: int) -> Turn:
    return Turn(database)
