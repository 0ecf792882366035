"""What does the plain port say? Where the secure one is, and nothing else."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
from collections.abc import Sequence
from typing import Final

_LONGEST: Final = 8 << 10  # bytes of a request's head
_PATIENCE: Final = 10.0  # seconds
_ASKED: Final = re.compile(rb"[A-Z]{3,10} (/[\x21-\x7e]{0,2000}) HTTP/1\.[01]\r\n")


def answer(head: bytes, base: str) -> bytes:
    """Return the whole answer to a request: never from its Host header, never with a body."""
    asked = _ASKED.match(head)
    if asked is None:
        return b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    return (
        b"HTTP/1.1 308 Permanent Redirect\r\nLocation: "
        + base.encode()
        + asked.group(1)
        + b"\r\nContent-Length: 0\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    )


def redirect_all(listening: Sequence[socket.socket], base: str) -> None:
    """Answer at bound sockets until this process is told to end."""
    asyncio.run(_serve(listening, base))


async def _serve(listening: Sequence[socket.socket], base: str) -> None:
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                writer.write(answer(await reader.readuntil(b"\r\n\r\n"), base))
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    servers = [await asyncio.start_server(serve, sock=one, limit=_LONGEST) for one in listening]
    await told.wait()
    for server in servers:
        server.close()
