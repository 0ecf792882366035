"""How much may somebody take within a while? Counted without asking the database each time.

What is spent is counted in memory, and each second what was spent is added to the counter
that all processes share. Within that second others do not know of it: so many processes
may together give a second's worth too much, and no restart forgets more than that.
What must be exact to the last one is counted by `throttle.take`, a commit each.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Final

from django.db import DatabaseError, connections, transaction

from safelight.records.accounts.errors import RateLimitedError
from safelight.records.accounts.models import Attempts
from safelight.records.accounts.throttle import Limit, bucket_of

logger = logging.getLogger(__name__)
_SETTLE_EVERY: Final = 1.0  # seconds
_REMEMBERED: Final = 4096

_Key = tuple[str, ...]  # the limit's name, and about whom


@dataclass(slots=True)
class _Tally:
    """What one has spent in a window: known to all, and known here only."""

    limit: Limit
    bucket: bytes
    since: datetime
    settled: int
    asked_at: float
    pending: int = 0

    def roll(self, at: datetime) -> None:
        if at - self.since >= self.limit.per:
            self.since, self.settled, self.pending = at, 0, 0

    @property
    def is_old(self) -> bool:
        """Whether another process may know better."""
        return not self.pending and monotonic() - self.asked_at > _SETTLE_EVERY


class _Tallies:
    """The tallies of this process."""

    def __init__(self) -> None:
        self._tallies: OrderedDict[_Key, _Tally] = OrderedDict()
        self._lock = threading.Lock()
        self._settling = threading.Lock()
        self._timer: threading.Timer | None = None

    def spend(self, limit: Limit, about: tuple[str, ...], amount: int, at: datetime) -> None:
        key = (limit.name, *about)
        tally = self._tallies.get(key)
        if tally is None or tally.is_old:
            tally = self._known(key, limit, at)
        with self._lock:
            tally.roll(at)
            if tally.settled + tally.pending + amount > limit.count:
                raise RateLimitedError(tally.since + limit.per - at)
            tally.pending += amount
            if self._timer is None:
                self._timer = threading.Timer(_SETTLE_EVERY, self._settle_later)
                self._timer.daemon = True
                self._timer.start()

    def settle(self) -> None:
        """Add what was spent to the shared counters."""
        with self._settling:
            with self._lock:
                timer, self._timer = self._timer, None
                waiting = [tally for tally in self._tallies.values() if tally.pending]
            if timer is not None:
                timer.cancel()
            for tally in waiting:
                self._settle_one(tally)

    def forget(self) -> None:
        """Begin as a process does that has just started; what was not settled is lost.

        What is being settled at this moment is waited for.
        """
        with self._lock:
            self._tallies.clear()
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        with self._settling:
            return

    def _known(self, key: _Key, limit: Limit, at: datetime) -> _Tally:
        """Ask the shared counter, once a second at most for each."""
        bucket = bucket_of(limit, key[1:])
        row = Attempts.objects.filter(pk=bucket).values_list("since", "count").first()
        since, settled = row if row is not None else (at, 0)
        with self._lock:
            tally = self._tallies.get(key)
            if tally is None:
                tally = self._tallies[key] = _Tally(limit, bucket, since, settled, monotonic())
                self._make_room()
            elif not tally.pending:
                tally.since, tally.settled, tally.asked_at = since, settled, monotonic()
            self._tallies.move_to_end(key)
        return tally

    def _make_room(self) -> None:
        if len(self._tallies) > _REMEMBERED:
            oldest = next((key for key, each in self._tallies.items() if not each.pending), None)
            if oldest is not None:
                del self._tallies[oldest]

    def _settle_one(self, tally: _Tally) -> None:
        with self._lock:
            added, since = tally.pending, tally.since
        with transaction.atomic():
            row, _ = Attempts.objects.select_for_update().get_or_create(
                bucket=tally.bucket, defaults={"since": since}
            )
            if since - row.since >= tally.limit.per:
                row.since, row.count = since, 0
            row.count += added
            row.save()
        with self._lock:
            if tally.since == since:
                tally.since, tally.settled = row.since, row.count
                tally.pending -= added
            tally.asked_at = monotonic()

    def _settle_later(self) -> None:
        """Settle in the timer's own thread, which owns its connections and lets go of them."""
        try:
            self.settle()
        except DatabaseError as error:
            # What is pending is still counted here, and settled with what is spent next.
            logger.warning("spending was not settled: %s", type(error).__name__)
        finally:
            connections.close_all()


_tallies = _Tallies()


def spend(limit: Limit, *about: str, amount: int = 1, at: datetime) -> None:
    """Count an amount that somebody is about to take; what is refused is not counted.

    Raises:
        RateLimitedError: with it, more than the limit would be taken.
    """
    _tallies.spend(limit, about, amount, at)


def settle() -> None:
    """Settle now; called when the process ends."""
    _tallies.settle()


def forget() -> None:
    """Forget what is in memory, as a process that was killed does."""
    _tallies.forget()
