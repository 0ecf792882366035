"""Which keys does a process hold opened, and when does it drop them?

A bounded number, and none longer than a second after any process destroyed or
rotated a key: then all are dropped, and opened anew from their rows.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from safelight.platform.keys import store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

_KEPT_AT_MOST = 4096
_LOOK_AGAIN_AFTER = 1.0  # seconds between two looks for changes elsewhere


class Memory:
    """Opened keys by name. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._opened: OrderedDict[tuple[str, object], bytes] = OrderedDict()
        self._forgotten = 0
        self._generation = (0, 0)
        self._looked_at = 0.0

    def forget(self) -> None:
        """Drop every opened key from memory; the next use opens it again."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        self._opened.clear()
        self._forgotten += 1

    def _kept(self, name: tuple[str, object], opened: Callable[[], bytes]) -> bytes:
        self._look_for_changes()
        with self._lock:
            key = self._opened.get(name)
            if key is not None:
                self._opened.move_to_end(name)
                return key
            forgotten = self._forgotten
        key = opened()
        self._keep(name, key, forgotten)
        return key

    def _held(self, kind: str, ids: Sequence[UUID]) -> tuple[dict[UUID, bytes], int]:
        """Return those that are held, and a count to hand to `_keep` with the others."""
        self._look_for_changes()
        with self._lock:
            held = {each: key for each in ids if (key := self._opened.get((kind, each)))}
            return held, self._forgotten

    def _keep(self, name: tuple[str, object], key: bytes, forgotten: int) -> None:
        with self._lock:
            # A key destroyed while it was being opened must not come back.
            if forgotten == self._forgotten:
                self._opened[name] = key
                if len(self._opened) > _KEPT_AT_MOST:
                    self._opened.popitem(last=False)

    def _look_for_changes(self) -> None:
        now = time.monotonic()
        if now - self._looked_at < _LOOK_AGAIN_AFTER:
            return
        generation = store.generation()
        with self._lock:
            self._looked_at = now
            if generation != self._generation:
                self._generation = generation
                self._drop()
