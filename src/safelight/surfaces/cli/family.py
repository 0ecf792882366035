"""Who runs an instance? A family: one parent, and the members that do the work.

The parent loads the program once and forks; what it loaded costs its memory once. It
opens no database and no store itself, so that no member inherits a connection. A member
that dies is replaced; when the parent goes, however it goes, all go with it.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, NoReturn

import typer

from safelight.platform.operating import lines

logger = logging.getLogger("safelight.family")
_TOLD: Final = {signal.SIGTERM, signal.SIGINT}
_WATCHED: Final = {*_TOLD, signal.SIGCHLD, signal.SIGHUP}
_LOOK_EVERY: Final = 0.05  # seconds
_LEAST_LIFE: Final = 2.0  # seconds between two starts of one member
_PR_SET_PDEATHSIG: Final = 1
_FAREWELL: Final = 60.0  # seconds that a member has to put down what it holds
_FAILED: Final = 1
_M_ARENA_MAX: Final = -8
_ARENAS: Final = 2


@dataclass(frozen=True, slots=True)
class Member:
    """One process of a family: what it does, until it returns or is told to end by SIGTERM."""

    name: str
    live: Callable[[], object]
    is_ready: Callable[[], bool] = lambda: True
    """Asked in the parent; a member that ends before it ever was ready ends the family."""
    is_gone: Callable[[], object] = lambda: None
    """Told in the parent when the member has ended."""
    takes_hangups: bool = False
    """Whether SIGHUP to the parent is passed on; the member handles it before it is ready."""


@dataclass(slots=True)
class _Place:
    """A member's place in the family, and the process that fills it."""

    member: Member
    pid: int = 0
    started: float = field(default_factory=lambda: -_LEAST_LIFE)
    was_ready: bool = False

    def look_after(self) -> bool:
        """Fill the place if it is empty; say whether its process is ready."""
        if self.pid and (code := _ended(self.pid)) is not None:
            self.pid = 0
            self.member.is_gone()
            if not self.was_ready:
                raise typer.Exit(code or _FAILED)
            logger.warning("%s ended (%d) and is started anew", self.member.name, code)
        if not self.pid and time.monotonic() - self.started >= _LEAST_LIFE:
            self.started = time.monotonic()
            self.pid = _forked(self.member.name, self.member.live)
        self.was_ready = self.was_ready or (self.pid != 0 and self.member.is_ready())
        return self.was_ready


def run(members: Sequence[Member], *, on_ready: Callable[[], None]) -> None:
    """Keep a family alive until this process is told to end. Call it in the main thread.

    Raises:
        typer.Exit: a member ended before it was ready, with its code.
    """
    _keep_memory_together()
    # What is there now is shared by all members; the collector shall not write to it.
    gc.collect()
    gc.freeze()
    places = [_Place(member) for member in members]
    is_told = False
    with _signals_kept_back():
        try:
            while (got := _told()) not in _TOLD:
                if got == signal.SIGHUP:
                    _pass_on(places)
                ready = [place.look_after() for place in places]
                if all(ready) and not is_told:
                    is_told = True
                    on_ready()
        finally:
            _end([place.pid for place in places if place.pid])


def _keep_memory_together() -> None:
    """Have threads share two arenas: each of its own keeps what large pieces leave behind."""
    with suppress(AttributeError, OSError):  # another C library has no such call
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)


def apart(act: Callable[[], object]) -> None:
    """Do something in a process of its own, which leaves nothing open in this one.

    Raises:
        typer.Exit: it did not come to its end; what it had to say of it is said.
    """
    pid = _forked("a preparation", act)
    _, status = os.waitpid(pid, 0)
    if code := os.waitstatus_to_exitcode(status):
        raise typer.Exit(abs(code))


def _forked(name: str, act: Callable[[], object]) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _leave_with(parent)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _WATCHED)
        _live(name, act)
    return pid


def _live(name: str, act: Callable[[], object]) -> NoReturn:
    from safelight.surfaces.cli.main import said

    code = _FAILED
    try:
        act()
        code = 0
    except typer.Exit as end:
        code = end.exit_code
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else _FAILED
    except KeyboardInterrupt:
        code = 128 + signal.SIGINT
    except Exception as error:  # noqa: BLE001 (a process has no caller to tell)
        if not said(error):
            # Where, but not what: an exception's text may hold a patient's name.
            places = traceback.extract_tb(error.__traceback__)
            beside = {
                "exception": type(error).__name__,
                "places": [f"{p.name}:{p.lineno}" for p in places],
            }
            logger.error("%s failed", name, extra={lines.SAID: beside})  # noqa: TRY400 (no text)
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _leave_with(parent: int) -> None:
    """Have the system end this process when its parent is gone, however that went."""
    # There is no such call outside Linux; there only a parent that can still say so ends it.
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(_FAILED)


@contextmanager
def _signals_kept_back() -> Iterator[None]:
    """Let signals wait until `_told` takes them: none can come between two steps."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _told() -> int | None:
    got = signal.sigtimedwait(_WATCHED, _LOOK_EVERY)
    return got.si_signo if got is not None else None


def _pass_on(places: Sequence[_Place]) -> None:
    for place in places:
        if place.pid and place.member.takes_hangups:
            os.kill(place.pid, signal.SIGHUP)


def _ended(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _end(pids: Sequence[int]) -> None:
    """Tell members to end, and end those that hang: what they have acknowledged is kept."""
    for pid in pids:
        os.kill(pid, signal.SIGTERM)
    left, until = list(pids), time.monotonic() + _FAREWELL
    while left and time.monotonic() < until:
        left = [pid for pid in left if _ended(pid) is None]
        time.sleep(_LOOK_EVERY if left else 0)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
