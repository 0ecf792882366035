"""How do the server and a caged child speak?

A message is a fixed prefix (magic, two lengths), a JSON header and raw bytes.
Both sides check both lengths against what they are ready to take before anything
is allocated. Nothing is ever unpickled.
"""

from __future__ import annotations

import os
import select
import struct
import time
from typing import Any, Final

import orjson

from safelight.platform.cage.errors import CageError, CageReason

MOST_HEADER: Final = 4 * 1024 * 1024
MOST_PAYLOAD: Final = 1024 * 1024 * 1024
_PREFIX: Final = struct.Struct(">4sIQ")
_MAGIC: Final = b"SLC1"
_AT_ONCE: Final = 1024 * 1024


class ClosedError(Exception):
    """The other side has gone away."""


class DeadlineError(Exception):
    """The other side took too long."""


class Channel:
    """Two pipe ends. A deadline is a `time.monotonic` moment; None waits for ever."""

    def __init__(self, incoming: int, outgoing: int) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        os.set_blocking(incoming, False)
        os.set_blocking(outgoing, False)
        self._readable = select.poll()
        self._readable.register(incoming, select.POLLIN)
        self._writable = select.poll()
        self._writable.register(outgoing, select.POLLOUT)

    def send(
        self, header: dict[str, Any], payload: bytes = b"", *, deadline: float | None = None
    ) -> None:
        """Write one message.

        Raises:
            CageError: `too-large`, before anything is written.
            ClosedError: the other side has gone away.
            DeadlineError: it took too long.
        """
        text = orjson.dumps(header)
        if len(text) > MOST_HEADER or len(payload) > MOST_PAYLOAD:
            raise CageError(CageReason.TOO_LARGE, "message")
        self._write(_PREFIX.pack(_MAGIC, len(text), len(payload)) + text, deadline)
        self._write(payload, deadline)

    def receive(self, *, most: int, deadline: float | None = None) -> tuple[dict[str, Any], bytes]:
        """Read one message whose payload has at most `most` bytes.

        Raises:
            CageError: `too-large`, or `crashed` when what arrives is no message.
            ClosedError: the other side has gone away.
            DeadlineError: it took too long.
        """
        magic, header_length, length = _PREFIX.unpack(self._read(_PREFIX.size, deadline))
        if magic != _MAGIC:
            raise CageError(CageReason.CRASHED, "garbled")
        if header_length > MOST_HEADER or length > most:
            raise CageError(CageReason.TOO_LARGE, "answer")
        header = self._read(header_length, deadline)
        payload = self._read(length, deadline)
        try:
            message = orjson.loads(header)
        except orjson.JSONDecodeError as error:
            raise CageError(CageReason.CRASHED, "garbled") from error
        if not isinstance(message, dict):
            raise CageError(CageReason.CRASHED, "garbled")
        return message, payload

    def close(self) -> None:
        """Close both ends."""
        os.close(self._incoming)
        os.close(self._outgoing)

    def _write(self, data: bytes, deadline: float | None) -> None:
        left = memoryview(data)
        while left:
            _wait(self._writable, deadline)
            try:
                written = os.write(self._outgoing, left[:_AT_ONCE])
            except BlockingIOError:
                continue
            except BrokenPipeError as error:
                raise ClosedError from error
            left = left[written:]

    def _read(self, length: int, deadline: float | None) -> bytes:
        data = bytearray(length)
        left = memoryview(data)
        while left:
            _wait(self._readable, deadline)
            try:
                count = os.readv(self._incoming, [left[:_AT_ONCE]])
            except BlockingIOError:
                continue
            if count == 0:
                raise ClosedError
            left = left[count:]
        return bytes(data)


def _wait(poll: select.poll, deadline: float | None) -> None:
    if deadline is None:
        poll.poll()
        return
    remaining = deadline - time.monotonic()
    if remaining <= 0 or not poll.poll(remaining * 1000):
        raise DeadlineError
