"""How much, and how long, may a connection talk before it has asked for anything?

A request's head has 32 KiB and half a minute, and a body may not stop coming for
a minute: uvicorn itself bounds none of these.
"""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD: Final = 32 << 10
HEAD_SECONDS: Final = 30.0
BODY_SECONDS: Final = 60.0
_LOOK_EVERY: Final = 5.0  # seconds
_REFUSAL: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)


class HeadTooLargeError(Exception):
    """Stops the parser; nobody outside the protocol sees it."""


class Bounded(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, to callers who come to the point."""

    _in_head = True
    _head = 0  # bytes that arrived of it
    _lines = 0  # bytes that were read of it
    _head_began = 0.0
    _heard = 0.0
    _look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._head_began = self._heard = self.loop.time()
        self._look = self.loop.call_later(_LOOK_EVERY, self._look_at_it)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, and stop where a head goes on for too long."""
        self._heard = self.loop.time()
        if self._in_head:
            if not self._head:
                self._head_began = self._heard
            self._head += len(data)
        super().data_received(data)
        # A head that is whole was measured line by line; this one is still arriving.
        if self._in_head and self._head > LARGEST_HEAD and not self.transport.is_closing():
            self._refuse()

    def on_message_begin(self) -> None:
        """Measure a head from its beginning."""
        self._in_head, self._lines = True, 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Count the address to the head.

        Raises:
            HeadTooLargeError: it is too long.
        """
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a line.

        Raises:
            HeadTooLargeError: the head is too long.
        """
        self._count(len(name) + len(value) + len(": \r\n"))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Leave the head behind."""
        self._in_head, self._head = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Expect the next head."""
        self._in_head = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, or a head that is too long for it."""
        if self._lines > LARGEST_HEAD:
            self._refuse()
        else:
            super().send_400_response(msg)

    def _count(self, more: int) -> None:
        self._lines += more
        if self._lines > LARGEST_HEAD:
            raise HeadTooLargeError

    def _refuse(self) -> None:
        self.transport.write(_REFUSAL)
        self.transport.close()

    def _look_at_it(self) -> None:
        if self.transport.is_closing():
            return
        if self._is_late(self.loop.time()):
            self.transport.close()
            return
        self._look = self.loop.call_later(_LOOK_EVERY, self._look_at_it)

    def _is_late(self, now: float) -> bool:
        """Say whether we have waited for the caller for too long."""
        if self._in_head:
            # Between requests uvicorn's own limit holds.
            is_awaited = bool(self._head) or self.cycle is None
            return is_awaited and now - self._head_began > HEAD_SECONDS
        is_awaited = self.cycle is not None and self.cycle.more_body and not self.flow.read_paused
        return is_awaited and now - self._heard > BODY_SECONDS
