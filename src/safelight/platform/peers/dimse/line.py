"""How do PDUs come and go on a connection? (PS3.8 9.3)

Whatever length a PDU declares, no more is read than one may have, into one buffer that
lasts as long as the connection, and by one moment: a peer that drips ends as one that is
silent. Each PDU leaves in one write, and what comes is acknowledged at once, so that
neither side ever waits for the other's clock.
"""

from __future__ import annotations

import select
import socket
import ssl
import struct
from contextlib import suppress
from time import monotonic
from typing import Final

from safelight.platform.peers.dimse import faults
from safelight.platform.peers.dimse.faults import GoneError, ProtocolError

LARGEST_PDU: Final = 128 << 10
"""How long what follows a PDU's head may be; said to peers as the maximum length."""
ASSOCIATE_RQ: Final = 1
ASSOCIATE_AC: Final = 2
ASSOCIATE_RJ: Final = 3
DATA: Final = 4
RELEASE_RQ: Final = 5
RELEASE_RP: Final = 6
ABORT: Final = 7

HEAD: Final = struct.Struct(">BxI")
_KINDS: Final = range(ASSOCIATE_RQ, ABORT + 1)


class Line:
    """One connection. One thread speaks on it; any may end it."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._buffer = memoryview(bytearray(HEAD.size + LARGEST_PDU))

    def next(self, *, within: float) -> tuple[int, memoryview]:
        """Return the next PDU's kind and what follows its head; good until the next call.

        Raises:
            ProtocolError: it is of no known kind, or longer than it may be.
            GoneError: it did not come whole within so many seconds.
        """
        until = monotonic() + within
        self._fill(0, HEAD.size, until)
        self._acknowledge()
        kind, length = HEAD.unpack_from(self._buffer)
        if kind not in _KINDS:
            raise ProtocolError(faults.UNRECOGNISED)
        if length > LARGEST_PDU:
            raise ProtocolError(faults.BAD_VALUE)
        self._fill(HEAD.size, HEAD.size + length, until)
        return kind, self._buffer[HEAD.size : HEAD.size + length]

    def send(self, *pieces: bytes | memoryview, within: float) -> None:
        """Send one PDU.

        Raises:
            GoneError: it could not be sent within so many seconds.
        """
        try:
            self._socket.settimeout(within)
            self._socket.sendall(b"".join(pieces))
        except (OSError, ValueError) as error:
            raise GoneError from error

    def has_news(self, *, within: float = 0) -> bool:
        """Say whether the peer has said something that was not read yet; wait so many seconds."""
        if isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            return True
        try:
            looking = select.poll()
            looking.register(self._socket, select.POLLIN)
            return bool(looking.poll(within * 1000))
        except (OSError, ValueError):
            return True

    def wait_for_end(self, *, within: float) -> None:
        """Let the peer close first, as it is asked to after a rejection or a release."""
        until = monotonic() + within
        with suppress(OSError, ValueError):
            while (left := until - monotonic()) > 0:
                self._socket.settimeout(left)
                if not self._socket.recv_into(self._buffer):
                    return

    def hear_no_more(self) -> None:
        """End it once what is being answered is answered; called by another thread."""
        with suppress(OSError):
            # Not SSLSocket's own, which would go on in the clear.
            socket.socket.shutdown(self._socket, socket.SHUT_RD)

    def close(self) -> None:
        """Let go of the connection."""
        with suppress(OSError):
            self._socket.close()

    def _acknowledge(self) -> None:
        """Have what came acknowledged now, not 40 ms later.

        Many a sender holds back the next short PDU until the last one is acknowledged.
        """
        with suppress(OSError, AttributeError):  # another system has no such option
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def _fill(self, start: int, stop: int, until: float) -> None:
        while start < stop:
            left = until - monotonic()
            if left <= 0:
                raise GoneError
            try:
                self._socket.settimeout(left)
                got = self._socket.recv_into(self._buffer[start:stop])
            except (OSError, ValueError) as error:
                raise GoneError from error
            if not got:
                raise GoneError
            start += got
