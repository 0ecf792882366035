"""Who does the next job, and what happens when a child is lost?

A few warm children wait. A lost one is replaced in the background; one that has
done its share is replaced before it goes, so that nobody waits for a start.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import Any, Final

from safelight.platform.cage.errors import CageError, CageReason
from safelight.platform.cage.handle import Child
from safelight.platform.cage.limits import Limits
from safelight.platform.cage.nursery_line import COMMAND, Supply
from safelight.platform.operating.meters import cage_job_ended

_FAILED_STARTS: Final = 3


class Pool:
    """A fixed number of children; thread-safe. Children start at the first job or `start`."""

    def __init__(
        self,
        *,
        size: int = 2,
        limits: Limits | None = None,
        jobs_per_child: int = 200,
        command: tuple[str, ...] = COMMAND,
    ) -> None:
        self._size = size
        self._limits = limits or Limits()
        self._jobs_per_child = jobs_per_child
        self._supply = Supply(command)
        self._changed = threading.Condition()
        self._idle: list[Child] = []
        self._all: set[Child] = set()
        self._starting = 0
        self._failed = 0
        self._closed = False
        self.tally: Counter[str] = Counter()
        """Jobs done, refused and lost; children recycled."""

    def start(self) -> None:
        """Begin to start the children; they are ready a second later."""
        with self._changed:
            self._fill()

    def run(
        self, request: dict[str, Any], payload: bytes, *, most: int, seconds: float
    ) -> tuple[dict[str, Any], bytes]:
        """Have one job done, waiting up to `seconds` for a child and as long for the job.

        Raises:
            CageError: it was not done.
        """
        child = self._take(time.monotonic() + seconds)
        outcome = "lost"
        try:
            answer = child.ask(request, payload, most=most, seconds=seconds)
            outcome = "done"
        except CageError as error:
            if error.reason is CageReason.REFUSED:
                outcome = "refused"
            raise
        finally:
            self._give_back(child, outcome)
            cage_job_ended(outcome)
        return answer

    def walls(self, *, seconds: float = 60.0) -> tuple[str, ...]:
        """Return what stands around the children (`isolation.Wall`), starting one if need be."""
        child = self._take(time.monotonic() + seconds)
        try:
            return child.walls
        finally:
            self._give_back(child, "asked")

    def close(self) -> None:
        """End every child; a job under way ends as crashed."""
        with self._changed:
            self._closed = True
            idle, busy = list(self._idle), self._all - set(self._idle)
            self._all.clear()
            self._idle.clear()
            self._changed.notify_all()
        for child in busy:
            child.kill()
        for child in idle:
            child.end(at_once=True)
        self._supply.close()

    def _take(self, deadline: float) -> Child:
        with self._changed:
            while True:
                if self._closed:
                    raise CageError(CageReason.BUSY, "closed")
                while self._idle:
                    child = self._idle.pop()
                    if child.alive:
                        return child
                    self._all.discard(child)
                if self._failed >= _FAILED_STARTS:
                    self._failed = 0
                    raise CageError(CageReason.CRASHED, "cannot-start")
                self._fill()
                remaining = deadline - time.monotonic()
                if remaining <= 0 or not self._changed.wait(remaining):
                    raise CageError(CageReason.BUSY, "queue")

    def _give_back(self, child: Child, outcome: str) -> None:
        ended: Child | None = None
        with self._changed:
            self.tally[outcome] += 1
            worn = child.jobs >= self._jobs_per_child
            if not child.alive:
                self._all.discard(child)
            elif self._closed or (worn and len(self._all) > self._size):
                ended = child
                self._retire(child)
            else:
                self._idle.insert(0 if worn else len(self._idle), child)
            self._fill(spare=worn and ended is None)
            self._changed.notify()
        if ended is not None:
            ended.end(at_once=False)

    def _retire(self, child: Child) -> None:
        self._all.discard(child)
        if child in self._idle:
            self._idle.remove(child)
        self.tally["recycled"] += 1

    def _fill(self, *, spare: bool = False) -> None:
        """Start what is missing, and one more to take a worn child's place."""
        wanted = self._size + (1 if spare else 0)
        while not self._closed and len(self._all) + self._starting < wanted:
            self._starting += 1
            threading.Thread(target=self._start_one, name="cage-start", daemon=True).start()

    def _start_one(self) -> None:
        child = self._started()
        ended: list[Child] = []
        with self._changed:
            self._starting -= 1
            self._failed = self._failed + 1 if child is None else 0
            if child is not None and self._closed:
                ended.append(child)
            elif child is not None:
                self._all.add(child)
                worn = [old for old in self._idle if old.jobs >= self._jobs_per_child]
                ended += worn[: max(0, len(self._all) - self._size)]
                self._idle.append(child)
            for old in ended:
                self._retire(old)
            self._changed.notify_all()
        for old in ended:
            old.end(at_once=False)

    def _started(self) -> Child | None:
        try:
            line = self._supply.line()
        except OSError:
            return None
        try:
            child = Child(line, self._limits)
        except CageError:
            self._supply.lost(line)
            return None
        try:
            child.wait_until_ready()
        except CageError:
            return None
        return child
