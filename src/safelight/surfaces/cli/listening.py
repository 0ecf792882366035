"""How do several processes listen at one port, so that each has its share?

A connection stays with the process that took it, and a program that sends much keeps
its few connections for long: left to chance, one process has them all while another
is idle. So whoever has more connections than another lets that one go first.
"""

from __future__ import annotations

import asyncio
import ipaddress
import mmap
import socket
import ssl
import struct
from collections.abc import Callable, Sequence
from typing import Final

import uvloop

from safelight.surfaces.cli.bounds import Bounded

_SLOT: Final = struct.Struct("=i")
_AWAY: Final = -1
_LET_PASS: Final = 0.001  # seconds that the less busy process is given to come forward
_PASSES: Final = 10
_FULL: Final = 1.0  # seconds to wait where no descriptor is left
_HANDSHAKE: Final = 20.0  # seconds


Networks = Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]


def is_among(address: str, networks: Networks) -> bool:
    """Say whether an address, as a socket tells it, lies in one of some networks."""
    known = ipaddress.ip_address(address.partition("%")[0])
    return any(known in network for network in networks)


def networks(said: Sequence[str]) -> Networks:
    """Read where a proxy may be; this machine always, for a look at its own health.

    Raises:
        ValueError: one is neither an address nor a network.
    """
    return [ipaddress.ip_network(each) for each in ("127.0.0.0/8", "::1", *said)]


class Shares:
    """How many connections each process has; in memory that forked processes share."""

    def __init__(self, processes: int) -> None:
        self._memory = mmap.mmap(-1, processes * _SLOT.size)
        self._processes = processes
        for process in range(processes):
            self.leave(process)

    def leave(self, process: int) -> None:
        """Say that this process takes no connections, or not yet."""
        self._put(process, _AWAY)

    def is_there(self, process: int) -> bool:
        """Say whether this process takes connections."""
        return self._of(process) != _AWAY

    def come(self, process: int) -> None:
        """Say that this process takes connections from now on."""
        self._put(process, 0)

    def add(self, process: int, more: int) -> None:
        """Count connections of one's own."""
        self._put(process, max(0, self._of(process) + more))

    def has_more_than_another(self, process: int) -> bool:
        """Say whether another process that is there has fewer connections."""
        mine = self._of(process)
        return any(_AWAY < self._of(other) < mine for other in range(self._processes))

    def _of(self, process: int) -> int:
        count: int = _SLOT.unpack_from(self._memory, process * _SLOT.size)[0]
        return count

    def _put(self, process: int, count: int) -> None:
        _SLOT.pack_into(self._memory, process * _SLOT.size, count)


class Loop(uvloop.Loop):
    """An event loop whose servers take their share of the connections to a shared socket."""

    def __init__(self, shares: Shares, process: int, only: Networks = ()) -> None:
        super().__init__()
        self._shares, self._process, self._only = shares, process, only

    async def create_server(  # type: ignore[override]
        self,
        protocol_factory: Callable[[], asyncio.Protocol],
        *,
        sock: socket.socket,
        ssl: ssl.SSLContext | None = None,
        backlog: int = 2048,
    ) -> Door:
        """Listen at a bound socket that other processes may listen at as well."""
        sock.listen(backlog)
        return Door(self, protocol_factory, sock, ssl, self._shares, self._process, self._only)


class Door:
    """Where connections come in; what asyncio calls a server."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        made: Callable[[], asyncio.Protocol],
        listening: socket.socket,
        context: ssl.SSLContext | None,
        shares: Shares,
        process: int,
        only: Networks = (),
    ) -> None:
        self._only = only
        self._loop, self._made, self._listening, self._context = loop, made, listening, context
        self._shares, self._process = shares, process
        self._passes = 0
        self._is_open = True
        self._coming: set[asyncio.Task[None]] = set()
        listening.setblocking(False)
        shares.come(process)
        self._watch()

    @property
    def sockets(self) -> list[socket.socket]:
        """Where it listens."""
        return [self._listening]

    def close(self) -> None:
        """Take no more connections; those that there are go on."""
        if self._is_open:
            self._is_open = False
            self._shares.leave(self._process)
            self._loop.remove_reader(self._listening.fileno())

    async def wait_closed(self) -> None:
        """Wait for connections that were still shaking hands."""
        if self._coming:
            await asyncio.wait(self._coming)

    def _watch(self) -> None:
        if self._is_open:
            self._loop.add_reader(self._listening.fileno(), self._knock)

    def _pause(self, seconds: float) -> None:
        self._loop.remove_reader(self._listening.fileno())
        self._loop.call_later(seconds, self._watch)

    def _knock(self) -> None:
        if self._passes < _PASSES and self._shares.has_more_than_another(self._process):
            self._passes += 1
            self._pause(_LET_PASS)
            return
        self._passes = 0
        try:
            taken, source = self._listening.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return  # another process was quicker, or the caller has gone
        except OSError:
            self._pause(_FULL)
            return
        if self._only and not is_among(source[0], self._only):
            taken.close()  # nobody but the proxy is spoken to, in the clear or at all
            return
        self._shares.add(self._process, 1)
        task = self._loop.create_task(self._let_in(taken))
        self._coming.add(task)
        task.add_done_callback(self._coming.discard)

    async def _let_in(self, taken: socket.socket) -> None:
        taken.setblocking(False)
        taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        handshake = _HANDSHAKE if self._context is not None else None
        try:
            await self._loop.connect_accepted_socket(
                self._counted, taken, ssl=self._context, ssl_handshake_timeout=handshake
            )
        except (OSError, asyncio.CancelledError):
            self._shares.add(self._process, -1)
            taken.close()

    def _counted(self) -> asyncio.Protocol:
        protocol = self._made()
        if isinstance(protocol, Counted):
            protocol.on_end = self._one_less
        return protocol

    def _one_less(self) -> None:
        if self._is_open:
            self._shares.add(self._process, -1)


class Counted(Bounded):
    """HTTP as uvicorn speaks it; tells when its connection ends."""

    on_end: Callable[[], None] | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell, then do as usual."""
        if (told := self.on_end) is not None:
            self.on_end = None
            told()
        super().connection_lost(exc)
