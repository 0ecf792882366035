"""How is something posted to another system's web address, and only to the one that is meant?

The name is resolved once and the connection goes to that address (security S14). The
server's certificate is the one that is known, or nothing is sent. Nothing is followed
elsewhere, and of an answer no more is read than an answer needs.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from safelight.platform.peers.addresses import Resolve, address_of
from safelight.platform.peers.causes import Cause, UnreachableError
from safelight.platform.peers.pinned import pinned_context
from safelight.platform.peers.reaching import reached, secured

PATIENCE: Final = 60.0
_LONGEST_ANSWER: Final = 4 << 20
_HTTPS: Final = 443


@dataclass(frozen=True, slots=True, kw_only=True)
class WebServer:
    """Where another system listens, the certificates it may show, and what we show it.

    `allowed` are the private networks where it may be.
    """

    url: str
    pins: tuple[bytes, ...]
    token: str = field(default="", repr=False)
    allowed: Sequence[IPv4Network | IPv6Network] = ()
    cert: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAnswer:
    """What it said: the status, when it may be asked again, and the body."""

    status: int
    retry_after: str
    body: bytes


class Line:
    """A connection that is up; several things can be posted one after the other."""

    def __init__(self, server: WebServer, connection: http.client.HTTPConnection) -> None:
        """Speak through a connection whose other side was looked at."""
        self._server = server
        self._connection = connection
        self._base = urlsplit(server.url)

    def call(self, method: str, path: str, body: bytes = b"") -> WebAnswer:
        """Ask something in JSON below the server's address.

        Raises:
            UnreachableError: the connection ended, or nothing was answered in time.
        """
        return self.post(
            path,
            iter([body] if body else []),
            size=len(body),
            media_type="application/json",
            accept="application/json",
            method=method,
        )

    def post(
        self,
        path: str,
        pieces: Iterator[bytes],
        *,
        size: int,
        media_type: str,
        accept: str,
        method: str = "POST",
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> WebAnswer:
        """Post `size` bytes below the server's address, as they come.

        What `pieces` raises goes through, and the connection is cut where it was.

        Raises:
            UnreachableError: the connection ended, or nothing was answered in time.
        """
        headers = {
            "Host": self._base.netloc,
            "Content-Type": media_type,
            "Content-Length": str(size),
            "Accept": accept,
            **more,
        }
        if self._server.token:
            headers["Authorization"] = f"Bearer {self._server.token}"
        address = self._base.path.rstrip("/") + path
        try:
            self._send(method, address, headers, pieces)
            return self._answer()
        except TimeoutError:
            raise UnreachableError(Cause.TIMED_OUT) from None
        except (OSError, http.client.HTTPException):
            raise UnreachableError(Cause.UNREACHABLE) from None

    def _send(
        self, method: str, address: str, headers: dict[str, str], pieces: Iterator[bytes]
    ) -> None:
        self._connection.putrequest(method, address, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            self._connection.putheader(name, value)
        self._connection.endheaders()
        try:
            for piece in pieces:
                self._connection.send(piece)
        except TimeoutError:
            raise
        except OSError:
            return  # it may have answered before it had read everything

    def _answer(self) -> WebAnswer:
        answer = self._connection.getresponse()
        body = answer.read(_LONGEST_ANSWER + 1)
        if len(body) > _LONGEST_ANSWER:
            raise UnreachableError(Cause.UNREACHABLE)
        return WebAnswer(
            status=answer.status,
            retry_after=answer.getheader("Retry-After") or "",
            body=body,
        )


@contextmanager
def line_to(
    server: WebServer, *, patience: float = PATIENCE, resolve: Resolve | None = None
) -> Iterator[Line]:
    """Connect, look at whose certificate it is, and let go of the connection at the end.

    Raises:
        UnreachableError: there is nobody, or somebody else; nothing was sent.
    """
    parts = urlsplit(server.url)
    host, port = parts.hostname or "", parts.port or _HTTPS
    if parts.scheme != "https" or not server.pins:
        raise UnreachableError(Cause.NO_TLS if not server.pins else Cause.ADDRESS_FORBIDDEN)
    address = address_of(host, port, server.allowed, resolve=resolve)
    context = pinned_context(server.pins, server.cert, server.key)
    connection = http.client.HTTPConnection(host, port, timeout=patience)
    connection.sock = secured(reached(address, port, patience=patience), context, host)
    connection.auto_open = 0  # one connection, to the address that was looked at
    try:
        yield Line(server, connection)
    finally:
        connection.close()
