"""How does a process get caged children from a nursery?

The first process of a family may start one and tell the others by the environment where it
is (`share`); who finds none there starts one of its own. A nursery is a fresh interpreter,
never a fork of a server, whose memory holds keys.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from safelight.platform.cage.errors import CageError, CageReason
from safelight.platform.cage.nursery import MOST_MESSAGE

if TYPE_CHECKING:
    from safelight.platform.cage.limits import Limits

COMMAND: Final = (sys.executable, "-I", "-B", "-m", "safelight.platform.cage.nursery")
_WHERE: Final = "SAFELIGHT_CAGE"
_ENVIRONMENT: Final = {
    "LANG": "C.UTF-8",
    "PATH": "/usr/bin:/bin",
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
_SECONDS: Final = 60.0
_SECONDS_TO_END: Final = 5.0
_PAUSE: Final = 0.005
_BACKLOG: Final = 64
_LONGEST_FOLDER: Final = 60  # letters; the name of a socket has room for 107 in all


class Nursery:
    """A nursery that this process started. Close it, and it ends with all its children."""

    def __init__(self, command: tuple[str, ...] = COMMAND) -> None:
        """Start a nursery; it answers once it is warm.

        Raises:
            OSError: it cannot be started.
        """
        self._folder = _short_folder()
        self.place = str(self._folder / "nursery")
        lifeline, self._lifeline = os.pipe()
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
                listener.bind(self.place)
                listener.listen(_BACKLOG)
                self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                    command,
                    stdin=listener.fileno(),
                    stdout=lifeline,
                    stderr=subprocess.DEVNULL,
                    bufsize=0,
                    cwd="/",
                    env=_ENVIRONMENT,
                    start_new_session=True,
                )
        finally:
            os.close(lifeline)

    def close(self) -> None:
        """End the nursery and its children."""
        os.close(self._lifeline)
        try:
            self._process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def _short_folder() -> Path:
    """Make a folder of ours, where a socket's name fits however deep temporary files lie."""
    usual = tempfile.gettempdir()
    above = usual if len(os.fsencode(usual)) <= _LONGEST_FOLDER else "/tmp"  # noqa: S108 (mode 0700)
    return Path(tempfile.mkdtemp(prefix="safelight-cage-", dir=above))


class Line:
    """One connection to a nursery; thread-safe."""

    def __init__(self, place: str) -> None:
        """Connect.

        Raises:
            OSError: no nursery is there.
        """
        self._lock = threading.Lock()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(_SECONDS)
        try:
            self._socket.connect(place)
        except OSError:
            self._socket.close()
            raise

    def start(self, limits: Limits, ends: tuple[int, int]) -> int:
        """Have a child forked that reads from the first pipe end and writes to the second.

        Raises:
            CageError: the nursery is gone.
        """
        answer = self._asked({"start": limits.to_wire()}, ends)
        if answer is None:
            raise CageError(CageReason.CRASHED, "no-nursery")
        return int(answer["pid"])

    def ended(self, pid: int, *, seconds: float) -> int | None:
        """Wait for a child's end and return its exit code, negative for a signal.

        None where it has not ended in time, or where the nursery is gone.
        """
        until = time.monotonic() + seconds
        while True:
            try:
                answer = self._asked({"ended": pid}, ())
            except CageError:
                return None
            if answer is not None:
                return int(answer["status"])
            if time.monotonic() >= until:
                return None
            time.sleep(_PAUSE)

    def close(self) -> None:
        """Hang up; the nursery ends the children that were started over this line."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _asked(self, message: dict[str, Any], ends: tuple[int, ...]) -> dict[str, Any] | None:
        with self._lock:
            try:
                socket.send_fds(self._socket, [orjson.dumps(message)], list(ends))
                text = self._socket.recv(MOST_MESSAGE)
            except OSError as error:
                raise CageError(CageReason.CRASHED, "no-nursery") from error
        if not text:
            raise CageError(CageReason.CRASHED, "no-nursery")
        answer: dict[str, Any] | None = orjson.loads(text)
        return answer


class Supply:
    """Where one pool has its children from. A nursery that is lost is replaced."""

    def __init__(self, command: tuple[str, ...]) -> None:
        """Prepare; nothing is started yet. A `command` of its own has a nursery of its own."""
        self._command = command
        self._lock = threading.Lock()
        self._own: Nursery | None = None
        self._line: Line | None = None

    def line(self) -> Line:
        """Return the line to the nursery, starting one where none is shared.

        Raises:
            OSError: there is none, and none can be started.
        """
        with self._lock:
            if self._line is None:
                self._line = self._shared() or self._started()
            return self._line

    def lost(self, line: Line) -> None:
        """Give up a line that no longer answers."""
        with self._lock:
            if self._line is line:
                self._let_go()

    def close(self) -> None:
        """End what was started here."""
        with self._lock:
            self._let_go()

    def _shared(self) -> Line | None:
        place = os.environ.get(_WHERE, "")
        if not place or self._command != COMMAND:
            return None
        with suppress(OSError):
            return Line(place)
        return None

    def _started(self) -> Line:
        self._own = Nursery(self._command)
        return Line(self._own.place)

    def _let_go(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._own is not None:
            self._own.close()
            self._own = None


def share() -> Nursery:
    """Start a nursery for this process and those it starts from now on."""
    nursery = Nursery()
    os.environ[_WHERE] = nursery.place
    return nursery
