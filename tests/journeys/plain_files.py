"""What would a plain server of files need for the same page? A server that does nothing else.

    python plain_files.py FILE

Answers each address with the head and the bytes that are kept for it, from memory.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

# What is said of the connection, or changes what a browser keeps.
_NOT_KEPT = frozenset(
    {"connection", "content-length", "date", "server", "set-cookie", "transfer-encoding"}
)
_NONE = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of a page, as the browser put it."""

    url: str
    headers: dict[str, str]


def keep(requests: Iterable[Asked], file: Path) -> int:
    """Ask for everything again, keep the answers as they are on the wire; return how many.

    Everything has to be answered as it was for the page.
    """
    kept: dict[bytes, bytes] = {}
    for asked in requests:
        parts = urlsplit(asked.url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection = HTTPConnection(parts.netloc, timeout=60)
        try:
            said = {name: value for name, value in asked.headers.items() if name[0] != ":"}
            connection.request("GET", target, headers=said)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        assert answer.status == HTTPStatus.OK, target
        lines = [
            f"{name}: {value}"
            for name, value in answer.getheaders()
            if name.lower() not in _NOT_KEPT
        ]
        head = "\r\n".join(["HTTP/1.1 200 OK", *lines, f"content-length: {len(body)}", "", ""])
        kept[target.encode()] = head.encode("latin-1") + body
    file.write_bytes(pickle.dumps(kept))
    return len(kept)


class _Server(asyncio.Protocol):
    def __init__(self, kept: dict[bytes, bytes]) -> None:
        self._kept = kept
        self._heard = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        self._heard += data
        while b"\r\n\r\n" in self._heard:
            head, _, self._heard = self._heard.partition(b"\r\n\r\n")
            target = head.split(b" ", 2)[1]
            self._transport.write(self._kept.get(target, _NONE))


async def _serve(kept: dict[bytes, bytes]) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Server(kept), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(pickle.loads(Path(sys.argv[1]).read_bytes())))  # noqa: S301 (our own)
