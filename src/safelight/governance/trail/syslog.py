"""How does an audit message reach a repository? As syslog over TLS, each with its length first.

RFC 5424 says what a message looks like, RFC 5425 how it goes over TLS; PS3.15 A.6 and IHE
ITI-20 ask for these. Syslog never says that a message arrived. A batch counts as handed over
once both ends have closed their side of the connection in order, which the other end does
after it has read all of it; a connection that breaks before counts for nothing, and the batch
is sent again. So everything arrives at least once, in order.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from safelight.governance.trail.dicom import is_of_dicom, message
from safelight.governance.trail.errors import RepositoryError
from safelight.governance.trail.told import Told
from safelight.platform.audit.entry import time_text

PORT: Final = 6514
_FACILITY, _NOTICE = 10, 5  # security and authorization messages; normal but significant
_PRIORITY: Final = _FACILITY * 8 + _NOTICE
_BOM: Final = b"\xef\xbb\xbf"
_SECONDS: Final = 20.0
_PART: Final = 1 << 16
_NAME: Final = "safelight"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """Where audit messages go: host, port, whom to trust, and who we say we are.

    `ca_file` empty trusts what the machine trusts. `cert_file` may hold the key too.
    """

    host: str
    port: int
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""


def repository_at(url: str, *, ca: str = "", cert: str = "", key: str = "") -> Repository | None:
    """Read `syslog+tls://host:port`; None where none is configured.

    Raises:
        RepositoryError: it is no such address.
    """
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme != "syslog+tls" or not parts.hostname:
        raise RepositoryError("audit_syslog_url is not of the form syslog+tls://host:6514")
    port = parts.port or PORT
    return Repository(host=parts.hostname, port=port, ca_file=ca, cert_file=cert, key_file=key)


def framed(one: Told, *, hostname: str) -> bytes:
    """Return one entry as a syslog message with its length in octets before it."""
    sort = "DICOM+RFC3881" if is_of_dicom(one) else "IHE+RFC-3881"
    header = f"<{_PRIORITY}>1 {time_text(one.entry.at)} {hostname} {_NAME} - {sort} - "
    said = header.encode() + _BOM + b'<?xml version="1.0" encoding="UTF-8"?>' + message(one)
    return b"%d %s" % (len(said), said)


def send(repository: Repository, batch: Iterable[Told], *, hostname: str) -> None:
    """Hand over some entries; when this returns, the other end has read them.

    Raises:
        RepositoryError: it has not, or that is not known.
    """
    try:
        _send(repository, b"".join(framed(each, hostname=hostname) for each in batch))
    except (OSError, ssl.SSLError) as error:
        # What a library says of it may name addresses; its sort is enough.
        raise RepositoryError(f"the repository did not take it: {type(error).__name__}") from error


def _send(repository: Repository, frames: bytes) -> None:
    context = ssl.create_default_context(cafile=repository.ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if repository.cert_file:
        context.load_cert_chain(repository.cert_file, repository.key_file or None)
    # Not through the socket's own `unwrap`: that comes back before the other end has answered.
    coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
    speaking = context.wrap_bio(coming, going, server_hostname=repository.host)
    address = (repository.host, repository.port)
    with socket.create_connection(address, timeout=_SECONDS) as plain:
        _over(plain, coming, going, speaking.do_handshake)
        for start in range(0, len(frames), _PART):
            _over(plain, coming, going, partial(speaking.write, frames[start : start + _PART]))
        _close(plain, coming, going, speaking)


def _close(
    plain: socket.socket, coming: ssl.MemoryBIO, going: ssl.MemoryBIO, speaking: ssl.SSLObject
) -> None:
    """Say that we are done and wait for the other end to say so, as RFC 5425, 4.4, asks of it.

    Broken off instead, for what reason ever, it may have read nothing. With TLS 1.3 it may also
    refuse us only now, long after our handshake. `unwrap` takes such a refusal for a close in
    order, so it only says our part, and theirs is read.
    """
    with suppress(ssl.SSLWantReadError):
        speaking.read(_PART)
        raise ssl.SSLError("it said something, or closed, before all was sent")
    with suppress(ssl.SSLWantReadError):
        speaking.unwrap()
    with suppress(ssl.SSLZeroReturnError):
        _over(plain, coming, going, partial(speaking.read, _PART))
        raise ssl.SSLError("it said something where syslog says nothing")


def _over(
    plain: socket.socket, coming: ssl.MemoryBIO, going: ssl.MemoryBIO, act: Callable[[], object]
) -> None:
    """Do one thing of TLS, carrying bytes to and fro until it is done."""
    while True:
        try:
            act()
        except ssl.SSLWantReadError:
            plain.sendall(going.read())
            data = plain.recv(_PART)
            if data:
                coming.write(data)
            else:
                coming.write_eof()
        else:
            plain.sendall(going.read())
            return
