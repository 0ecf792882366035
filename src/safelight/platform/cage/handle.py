"""How does the server hold one caged child?

The child comes from a nursery. Whatever goes wrong with it, it is killed and the caller
learns a reason.
"""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from safelight.platform.cage.errors import CageError, CageReason
from safelight.platform.cage.protocol import Channel, ClosedError, DeadlineError

if TYPE_CHECKING:
    from safelight.platform.cage.limits import Limits
    from safelight.platform.cage.nursery_line import Line

_SECONDS_TO_START: Final = 60.0
_SECONDS_TO_END: Final = 2.0
_PIPE: Final = 1024 * 1024
_CODE: Final = re.compile(r"[a-z][a-z_-]{0,39}")


class Child:
    """One child process: `ask` it, then `end` it."""

    def __init__(self, line: Line, limits: Limits) -> None:
        """Have a child forked.

        Raises:
            CageError: the nursery is gone.
        """
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        for pipe in (ours_in, ours_out):
            with suppress(OSError):  # a larger pipe saves turns; an ordinary one will do
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
        self._channel = Channel(ours_in, ours_out)
        self._hung_up = select.poll()
        self._hung_up.register(ours_in, 0)
        self._line = line
        self._status: int | None = None
        self._open = True
        self.jobs = 0
        self.walls: tuple[str, ...] = ()
        try:
            self.pid = line.start(limits, (theirs_in, theirs_out))
        except CageError:
            self._channel.close()
            raise
        finally:
            os.close(theirs_in)
            os.close(theirs_out)

    @property
    def alive(self) -> bool:
        """Say whether the child is still there."""
        return self._open and not self._hung_up.poll(0)

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
        # The nursery keeps a dead child until it is asked, so the number is still its own.
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def end(self, *, at_once: bool) -> None:
        """Let the child go: it ends when its pipe closes, or is killed."""
        if not self._open:
            return
        self._open = False
        if at_once:
            self.kill()
        self._channel.close()
        self._status = self._line.ended(self.pid, seconds=_SECONDS_TO_END)
        if self._status is None:
            self.kill()
            self._status = self._line.ended(self.pid, seconds=_SECONDS_TO_END)

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
        if self._status == -signal.SIGXCPU:
            return CageError(CageReason.TIMED_OUT, "processor")
        return CageError(CageReason.CRASHED, "ended")
