"""With what certificate and which ciphers do we speak, and what when they are renewed?

TLS 1.2 at least, forward secrecy and authenticated encryption only (ASVS 12.1). A renewed
certificate is taken up by new connections while the old ones go on: when the files change,
or at once on SIGHUP.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
import sys
from pathlib import Path
from typing import Final

import uvicorn

from safelight.surfaces.cli.main import fail

# TLS 1.2's; those of 1.3 are all sound. No CBC, no RSA key exchange, no static DH.
CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
_LOOK_EVERY: Final = 5.0  # seconds

_Stamp = tuple[tuple[int, int, int], ...]


class Certificate:
    """A certificate and its key on the disk, and the context that speaks with them."""

    def __init__(self, cert: Path, key: Path) -> None:
        """Read both.

        Raises:
            OSError: one cannot be read, or they do not belong together (ssl.SSLError).
        """
        self._cert, self._key = cert, key
        self._stamp = self._stamped()
        self.context = context_of(cert, key)

    def has_changed(self) -> bool:
        """Say whether the files are others than those last tried."""
        try:
            return self._stamped() != self._stamp
        except OSError:
            return False  # it is just being replaced

    def read_again(self) -> None:
        """Let new connections have what lies there now; what does not fit is left alone."""
        try:
            self._stamp = self._stamped()
            # Tried apart first: a key that does not fit would spoil the context in use.
            context_of(self._cert, self._key)
            self.context.load_cert_chain(self._cert, self._key)
        except OSError as error:
            print(
                f"the renewed certificate is not used: {type(error).__name__}; the last one stays",
                file=sys.stderr,
                flush=True,
            )

    async def follow(self) -> None:
        """Look at the files now and then, for as long as the loop runs."""
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            if self.has_changed():
                self.read_again()

    def _stamped(self) -> _Stamp:
        found = (path.stat() for path in (self._cert, self._key))
        return tuple((each.st_ino, each.st_mtime_ns, each.st_size) for each in found)


def opened(cert: Path | None, key: Path | None) -> Certificate | None:
    """Read the certificate, or say why it cannot be used."""
    if cert is None and key is None:
        return None
    if cert is None or key is None:
        fail("--tls-cert and --tls-key go together.")
    try:
        return Certificate(cert, key)
    except ssl.SSLError as error:
        fail(f"{cert} and {key} cannot be used together: {error.reason or 'not PEM'}.")
    except OSError as error:
        fail(f"the certificate or its key cannot be read: {error.strerror}.")


async def attend(
    server: uvicorn.Server, listening: list[socket.socket], certificate: Certificate | None
) -> None:
    """Serve until told to end, with a certificate that may be renewed meanwhile."""
    if certificate is None:
        await server.serve(sockets=listening)
        return
    server.config.ssl = certificate.context
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, certificate.read_again)
    following = asyncio.create_task(certificate.follow())
    try:
        await server.serve(sockets=listening)
    finally:
        following.cancel()


def context_of(cert: Path, key: Path) -> ssl.SSLContext:
    """Return a server's context.

    Raises:
        OSError: as `Certificate`.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.options |= (
        ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    )
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(cert, key, password=_no_password)
    return context


def _no_password() -> str:
    # Asked for, OpenSSL would stand at the terminal and wait.
    return ""
