"""How does the server hold one caged child?

Started as a fresh interpreter (never a fork of the server, whose memory holds
keys), with an environment of its own. Whatever goes wrong with a child, it is
killed and the caller learns a reason.
"""

from __future__ import annotations

import fcntl
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import orjson

from safelight.platform.cage.errors import CageError, CageReason
from safelight.platform.cage.protocol import Channel, ClosedError, DeadlineError

if TYPE_CHECKING:
    from safelight.platform.cage.limits import Limits

COMMAND: Final = (sys.executable, "-I", "-B", "-m", "safelight.platform.cage.child")
_ENVIRONMENT: Final = {
    "LANG": "C.UTF-8",
    "PATH": "/usr/bin:/bin",
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
_SECONDS_TO_START: Final = 60.0
_SECONDS_TO_END: Final = 2.0
_PIPE: Final = 1024 * 1024
_CODE: Final = re.compile(r"[a-z][a-z_-]{0,39}")


class Child:
    """One child process: `ask` it, then `end` it."""

    def __init__(self, command: tuple[str, ...], limits: Limits) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [*command, orjson.dumps(limits.to_wire()).decode()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            env=_ENVIRONMENT,
            start_new_session=True,
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise CageError(CageReason.CRASHED, "no-pipe")
        incoming, outgoing = self._process.stdout.fileno(), self._process.stdin.fileno()
        for pipe in (incoming, outgoing):
            with suppress(OSError):  # a larger pipe saves turns; an ordinary one will do
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
        self._channel = Channel(incoming, outgoing)
        self.jobs = 0
        self.walls: tuple[str, ...] = ()

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Say whether the child is still there."""
        return self._process.poll() is None

    def wait_until_ready(self) -> None:
        """Wait for the child's imports and walls.

        Raises:
            CageError: it did not start.
        """
        header, _ = self._receive(most=0, deadline=time.monotonic() + _SECONDS_TO_START)
        self.walls = tuple(str(wall) for wall in header.get("ready", ()))

    def ask(
        self, request: dict[str, Any], payload: bytes, *, most: int, seconds: float
    ) -> tuple[dict[str, Any], bytes]:
        """Have one job done, whose answer has at most `most` bytes.

        Raises:
            CageError: it was not done. Unless the reason is `refused`, the child is dead.
        """
        self.jobs += 1
        deadline = time.monotonic() + seconds
        try:
            self._channel.send(request, payload, deadline=deadline)
        except (ClosedError, DeadlineError) as error:
            raise self._lost(error) from error
        header, data = self._receive(most=most, deadline=deadline)
        refused = header.get("refused")
        if refused is None:
            return header, data
        if refused == "memory":
            self.end(at_once=True)
            raise CageError(CageReason.TOO_LARGE, "memory")
        known = isinstance(refused, str) and _CODE.fullmatch(refused) is not None
        raise CageError(CageReason.REFUSED, refused if known else "")

    def kill(self) -> None:
        """Kill the child under the hands of whoever waits for it, who then buries it."""
        self._process.kill()

    def end(self, *, at_once: bool) -> None:
        """Let the child go: it ends when its pipe closes, or is killed."""
        if at_once:
            self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _receive(self, *, most: int, deadline: float) -> tuple[dict[str, Any], bytes]:
        try:
            return self._channel.receive(most=most, deadline=deadline)
        except CageError:
            self.end(at_once=True)
            raise
        except (ClosedError, DeadlineError, OSError) as error:
            raise self._lost(error) from error

    def _lost(self, error: Exception) -> CageError:
        """Bury the child and say what became of it."""
        late = isinstance(error, DeadlineError)
        self.end(at_once=late)
        if late:
            return CageError(CageReason.TIMED_OUT, "clock")
        if self._process.returncode == -signal.SIGXCPU:
            return CageError(CageReason.TIMED_OUT, "processor")
        return CageError(CageReason.CRASHED, "ended")
