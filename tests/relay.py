"""What stands between the product and a server it uses, and fails on demand."""

from __future__ import annotations

import re
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum, auto
from pathlib import Path

Address = str | tuple[str, int]
_PIECE = 1 << 16
_ETAG = re.compile(rb'(etag: *"?)([0-9a-f]{8})', re.IGNORECASE)


class Fault(StrEnum):
    """How a relay treats what is said to the server behind it."""

    NONE = auto()
    REFUSED = auto()  # every connection ends, and no new one is taken
    SILENT = auto()  # nothing comes through any more, in either direction
    CUT = auto()  # answers end in their middle
    SLOW = auto()  # answers come in small pieces
    OTHER_ETAG = auto()  # answers name another content
    STATUS_500 = auto()  # every request is answered by an error
    STATUS_503 = auto()


_ERRORS = {
    Fault.STATUS_500: b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n"
    b"connection: close\r\n\r\n",
    Fault.STATUS_503: b"HTTP/1.1 503 Slow Down\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
}


@dataclass
class Relay:
    """Carries what comes to `place` to `target`: paths of sockets, or host and port."""

    place: Address
    target: Address
    fault: Fault = Fault.NONE
    faults_seen: int = 0  # how often a fault met somebody
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _open: set[socket.socket] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._listener = socket.socket(_family(self.place), socket.SOCK_STREAM)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(self.place)
        if isinstance(self.place, str):
            Path(self.place).chmod(0o777)
        else:
            self.place = self._listener.getsockname()
        self._listener.listen(128)
        threading.Thread(target=self._listen, daemon=True).start()

    def set(self, fault: Fault) -> None:
        """Behave so from now on; connections that stand end, unless they only fall silent."""
        self.fault = fault
        if fault is not Fault.SILENT:
            self.cut()

    def cut(self) -> None:
        """End every connection there is."""
        with self._lock:
            standing, self._open = self._open, set()
        for each in standing:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self.fault is Fault.REFUSED:
                self.faults_seen += 1
                near.close()
                continue
            far = socket.socket(_family(self.target), socket.SOCK_STREAM)
            try:
                far.connect(self.target)
            except OSError:
                near.close()
                far.close()
                continue
            with self._lock:
                self._open |= {near, far}
            threading.Thread(target=self._carry, args=(near, far, True), daemon=True).start()
            threading.Thread(target=self._carry, args=(far, near, False), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, to_server: bool) -> None:  # noqa: FBT001 (a thread's argument)
        with suppress(OSError):
            while piece := source.recv(_PIECE):
                while self.fault is Fault.SILENT:
                    self.faults_seen += 1
                    time.sleep(0.05)
                if to_server and self.fault in _ERRORS:
                    self.faults_seen += 1
                    source.sendall(_ERRORS[self.fault])
                    break
                if not to_server:
                    piece = self._spoiled(piece)
                sink.sendall(piece)
                if not to_server and self.fault is Fault.CUT:
                    break
        with self._lock:
            self._open -= {source, sink}
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        source.close()

    def _spoiled(self, piece: bytes) -> bytes:
        if self.fault is Fault.CUT:
            self.faults_seen += 1
            return piece[: len(piece) // 2]
        if self.fault is Fault.OTHER_ETAG:
            self.faults_seen += 1
            return _ETAG.sub(rb"\g<1>00c0ffee", piece)
        if self.fault is Fault.SLOW:
            self.faults_seen += 1
            time.sleep(0.2)
        return piece


def _family(address: Address) -> socket.AddressFamily:
    return socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
