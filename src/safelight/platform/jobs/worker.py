"""Who does the work? A worker: a few threads that take jobs, and two that keep house.

One of those renews the leases of what runs here, stops what runs too long, takes
back what other workers lost and makes the jobs of schedules. The other lets the
sequencer put the trail in order. Every thread has a connection of its own.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import socket
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from django.db import Error, connections

from safelight.kernel import clock
from safelight.platform.audit.sequencer import BATCH, sequence_once
from safelight.platform.jobs import claims
from safelight.platform.jobs.errors import GiveUpError, TimedOutError, UnknownTaskError
from safelight.platform.jobs.registry import learn_tasks, task_named
from safelight.platform.jobs.schedule import enqueue_due

if TYPE_CHECKING:
    from collections.abc import Callable

    from safelight.platform.jobs.claims import Claim

LEASE = timedelta(seconds=30)
POLL = 0.25  # seconds between two looks for work
TURN = 0.5  # seconds between two rounds of the housekeeper
DRAIN = timedelta(seconds=30)
STUCK_AFTER = 10.0  # seconds that a stopped task has to notice
EXIT_STUCK = 70  # EX_SOFTWARE of sysexits.h
_TRIES = 5
_T = TypeVar("_T")

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Running:
    claim: Claim
    thread: int
    limit: float
    began: float = field(default_factory=time.monotonic)
    stopped: float = 0.0


class Worker:
    """One process's share of the work. `run` returns after `stop` is set and the work is drained.

    `exits_when_stuck` is for a process of its own: a task that cannot be stopped
    then ends the process (exit code 70), for its supervisor to start it anew.
    """

    def __init__(
        self,
        stop: threading.Event,
        *,
        threads: int = 2,
        lease: timedelta = LEASE,
        exits_when_stuck: bool = False,
    ) -> None:
        self._stop = stop
        self._threads = threads
        self._lease = lease
        self._exits_when_stuck = exits_when_stuck
        self._name = f"{socket.gethostname()[:40]}/{os.getpid()}/{id(self):x}"[:64]
        # No lock: a task may be stopped at any instruction, also while it holds one.
        self._running: dict[int, _Running] = {}
        self._renewed = 0.0

    def run(self, *, drain: timedelta = DRAIN) -> None:
        """Work until told to stop; then finish what runs, for at most `drain`."""
        learn_tasks()
        drained = threading.Event()
        hands = [self._thread(self._work) for _ in range(self._threads)]
        others = [
            self._thread(lambda: _rounds(drained, self._stop_overdue, self._renew, self._plan)),
            self._thread(lambda: _rounds(drained, _put_in_order)),
        ]
        self._stop.wait()
        deadline = time.monotonic() + drain.total_seconds()
        for hand in hands:
            hand.join(max(0.0, deadline - time.monotonic()))
        drained.set()
        for other in others:
            other.join(STUCK_AFTER)

    def _thread(self, work: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        return thread

    def _work(self) -> None:
        me = threading.get_ident()
        while not self._stop.is_set():
            try:
                taken = _retried(lambda: claims.claim(self._name, lease=self._lease))
                if taken is None:
                    self._stop.wait(POLL)
                else:
                    self._attempt(taken)
            except TimedOutError:
                # It came a moment too late, when the task had ended by itself.
                connections.close_all()
            finally:
                self._running.pop(me, None)
        connections.close_all()

    def _attempt(self, taken: Claim) -> None:
        me = threading.get_ident()
        try:
            task = task_named(taken.name, taken.version)
            self._running[me] = _Running(taken, me, task.time_limit.total_seconds())
            task.run(taken.ids)
        except UnknownTaskError:
            _retried(lambda: claims.fail(taken, claims.UNKNOWN, for_good=True))
        except GiveUpError as error:
            self._failed(taken, error, for_good=True)
        except TimedOutError as error:
            connections.close_all()  # it may have been stopped in the middle of a statement
            self._failed(taken, error)
        except Exception as error:  # noqa: BLE001 (whatever it is, the worker goes on)
            self._failed(taken, error)
        else:
            # Done with first: a lease that is renewed after the end would look lost.
            self._running.pop(me, None)
            if not _retried(lambda: claims.finish(taken)):
                logger.warning("job %s: its lease was lost, result discarded", taken.job_id)

    def _failed(self, taken: Claim, error: BaseException, *, for_good: bool = False) -> None:
        # The class only: an exception's text may hold a patient's name.
        name = type(error).__name__[:64]
        logger.warning("job %s (%s) failed: %s", taken.job_id, taken.name, name)
        _retried(lambda: claims.fail(taken, name, for_good=for_good))

    def _renew(self) -> None:
        if time.monotonic() - self._renewed < self._lease.total_seconds() / 4:
            return
        for each in list(self._running.values()):
            if not each.stopped and not claims.renew(each.claim, lease=self._lease):
                logger.warning("job %s: its lease was lost", each.claim.job_id)
        self._renewed = time.monotonic()

    def _plan(self) -> None:
        claims.reap()
        if not self._stop.is_set():
            enqueue_due(clock.now())

    def _stop_overdue(self) -> None:
        now = time.monotonic()
        for each in list(self._running.values()):
            if now - each.began <= each.limit:
                continue
            if not each.stopped:
                logger.warning("job %s (%s) ran too long", each.claim.job_id, each.claim.name)
                claims.fail(each.claim, TimedOutError.__name__)
                each.stopped = now
                _stop_thread(each.thread)
            elif now - each.stopped > STUCK_AFTER and self._exits_when_stuck:
                logger.error("job %s cannot be stopped", each.claim.job_id)
                os._exit(EXIT_STUCK)


def run_worker(stop: threading.Event, *, threads: int = 2, exits_when_stuck: bool = False) -> None:
    """Work until `stop` is set, then drain. One call a process is enough."""
    Worker(stop, threads=threads, exits_when_stuck=exits_when_stuck).run()


def stop_on_signals() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set. Call it in the main thread."""
    stop = threading.Event()

    def told(*_: object) -> None:
        # Not set here: this may interrupt the main thread where it has the event's own lock,
        # on its way into `stop.wait`, and would wait for that lock for ever.
        threading.Thread(target=stop.set).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    return stop


def _rounds(drained: threading.Event, *chores: Callable[[], object]) -> None:
    """Do the chores each `TURN`, and once more at the end; one that fails is tried again."""
    is_last = False
    while not is_last:
        is_last = drained.wait(TURN)
        for chore in chores:
            try:
                chore()
            except Exception as error:  # noqa: BLE001 (the next round tries again)
                logger.warning("%s failed: %s", chore.__name__, type(error).__name__)
                # What a server has ended stays ended: without this, so would every next round.
                connections.close_all()
    connections.close_all()


def _put_in_order() -> None:
    while sequence_once() == BATCH:
        pass


def _stop_thread(thread: int) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread), ctypes.py_object(TimedOutError)
    )


def _retried(act: Callable[[], _T]) -> _T | None:
    """Do a short database act, again if the database was busy; None if it stays so."""
    for turn in range(_TRIES):
        try:
            return act()
        except Error as error:
            logger.warning("the database did not answer: %s", type(error).__name__)
            connections.close_all()
            time.sleep(POLL * (turn + 1))
    return None
