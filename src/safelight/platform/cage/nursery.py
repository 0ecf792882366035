"""Where do caged children come from? From one warm process that sees no file of anybody.

Loading the decoders takes a second and seventy megabytes; a fork of a process that has
them takes a few milliseconds and a few megabytes. It runs as
`python -m safelight.platform.cage.nursery`, with a listening socket as standard input, and
ends when the pipe that is its standard output has no reader any more.

Each message is one JSON object. `{"start": LIMITS}` comes with the child's two pipe ends and
is answered by `{"pid": N}`; `{"ended": N}` by `{"status": S}`, as os.waitstatus_to_exitcode
has it, or by null while the child lives. A dead child is kept until its server asks, so that
its process id can mean nobody else; children whose server is gone are killed.
"""

from __future__ import annotations

import gc
import importlib
import os
import selectors
import signal
import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import orjson

from safelight.platform.cage.child import live
from safelight.platform.cage.limits import Limits
from safelight.platform.cage.protocol import Channel

if TYPE_CHECKING:
    from safelight.platform.cage.child import Jobs

WORK: Final = "safelight.platform.cage.work"
MOST_MESSAGE: Final = 4096
PIPE_ENDS: Final = 2
_CREDENTIALS: Final = struct.Struct("3i")  # unix(7): process, user, group
_FIRST_OPEN: Final = 3


def main(work: str = WORK) -> None:
    """Load the jobs of the module `work` and fork children until nobody needs them."""
    listener, lifeline = _take_pipes()
    jobs: Jobs = importlib.import_module(work).JOBS
    importlib.import_module(work).warm()
    # What is there now is shared by all children; the collector shall not write to it.
    gc.collect()
    gc.freeze()
    _Nursery(jobs, listener, lifeline).serve()


class _Nursery:
    def __init__(self, jobs: Jobs, listener: socket.socket, lifeline: int) -> None:
        self._jobs = jobs
        self._listener = listener
        self._children: dict[socket.socket, set[int]] = {}
        self._waiting = selectors.DefaultSelector()
        self._waiting.register(listener, selectors.EVENT_READ, self._accept)
        # A pipe whose reader has gone is readable for poll, as an error.
        self._waiting.register(lifeline, selectors.EVENT_READ, self._leave)

    def serve(self) -> None:
        while True:
            for key, _ in self._waiting.select():
                key.data(key.fileobj)

    def _accept(self, listener: socket.socket) -> None:
        server, _ = listener.accept()
        told = server.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        if _CREDENTIALS.unpack(told)[1] != os.getuid():
            server.close()
            return
        self._children[server] = set()
        self._waiting.register(server, selectors.EVENT_READ, self._hear)

    def _hear(self, server: socket.socket) -> None:
        try:
            text, ends, _, _ = socket.recv_fds(server, MOST_MESSAGE, PIPE_ENDS)
        except OSError:
            text, ends = b"", []
        if not text:
            self._forsake(server)
            return
        message = orjson.loads(text)
        answer: dict[str, Any] | None = None
        if "start" in message:
            answer = {"pid": self._fork(server, Limits(**message["start"]), ends)}
        elif message.get("ended") in self._children[server]:
            answer = self._buried(server, message["ended"])
        with suppress(OSError):
            server.send(orjson.dumps(answer))

    def _fork(self, server: socket.socket, limits: Limits, ends: list[int]) -> int:
        pid = os.fork()
        if pid == 0:
            os.setsid()
            _close_all_but(ends)
            live(Channel(*ends), self._jobs, limits)
        for end in ends:
            os.close(end)
        self._children[server].add(pid)
        return pid

    def _buried(self, server: socket.socket, pid: int) -> dict[str, Any] | None:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if not ended:
            return None
        self._children[server].discard(pid)
        return {"status": os.waitstatus_to_exitcode(status)}

    def _forsake(self, server: socket.socket) -> None:
        """End the children of a server that is gone."""
        self._waiting.unregister(server)
        server.close()
        for pid in self._children.pop(server):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def _leave(self, _lifeline: int) -> None:
        for server in list(self._children):
            self._forsake(server)
        os._exit(0)


def _take_pipes() -> tuple[socket.socket, int]:
    """Keep socket and pipe, and put /dev/null in their place, where native code may print."""
    listener, lifeline = socket.socket(fileno=os.dup(0)), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    os.close(null)
    return listener, lifeline


def _close_all_but(ends: list[int]) -> None:
    """Close what a child must not hold: other children's pipes, the sockets."""
    low, high = sorted(ends)
    os.closerange(_FIRST_OPEN, low)
    os.closerange(low + 1, high)
    os.closerange(high + 1, os.sysconf("SC_OPEN_MAX"))


if __name__ == "__main__":
    main()
