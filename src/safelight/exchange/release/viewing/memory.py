"""What of a decided and opened exam may a process remember from one request to the next?

Only what was true under one epoch: the committed number is read by every request, and
whatever was remembered under another one is used only where nothing changed about its exam
in between. So nothing here outlives a withdrawal, a removal or a closed gate by even one
request.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

_Kept = TypeVar("_Kept")

_FORGET_AFTER: Final = 300.0  # seconds; records may move to other packs meanwhile, not for longer


class Memory(Generic[_Kept]):
    """A bounded number of things of one kind, each good under one epoch for five minutes."""

    def __init__(self, at_most: int) -> None:
        """Remember `at_most` things, those used last."""
        self._at_most = at_most
        self._kept: OrderedDict[Hashable, tuple[int, float, _Kept]] = OrderedDict()
        self._lock = threading.Lock()

    def recall(self, key: Hashable, epoch: int) -> _Kept | None:
        """Return what was kept under this key and this epoch, or None."""
        with self._lock:
            epoch_then, since, kept = self._kept.get(key, (-1, 0.0, None))
            if kept is None:
                return None
            if epoch_then != epoch or time.monotonic() - since > _FORGET_AFTER:
                del self._kept[key]
                return None
            self._kept.move_to_end(key)
            return kept

    def recall_if(self, key: Hashable, is_good: Callable[[int, _Kept], bool]) -> _Kept | None:
        """Return what was kept under this key if it is said to be good still, or None."""
        with self._lock:
            epoch_then, since, kept = self._kept.get(key, (-1, 0.0, None))
            if kept is None:
                return None
            if time.monotonic() - since > _FORGET_AFTER or not is_good(epoch_then, kept):
                del self._kept[key]
                return None
            self._kept.move_to_end(key)
            return kept

    def keep(self, key: Hashable, epoch: int, thing: _Kept) -> None:
        """Keep a thing that was read after `epoch` was."""
        with self._lock:
            self._kept[key] = (epoch, time.monotonic(), thing)
            self._kept.move_to_end(key)
            if len(self._kept) > self._at_most:
                self._kept.popitem(last=False)
