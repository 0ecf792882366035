"""A real Safelight server that speaks TLS, with a certificate of the tests' own authority."""

from __future__ import annotations

import signal
import socket
import ssl
import subprocess
import sys
import time

from certificates import Authority
from server import Server, free_port


class Encrypted(Server):
    """An instance that speaks TLS, and a plain port that leads to it."""

    authority: Authority
    plain: int

    def begin(self, *more: str) -> None:
        """Serve until `end`; return when it says that it is ready."""
        self.port = self.port or free_port()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "safelight.surfaces.cli", *self.serve_arguments(*more)],
                env=self._environment(),
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        assert self.process.stdout is not None
        assert self.process.stdout.readline().startswith(b"ready https://"), self.log.read_text()

    def end(self) -> None:
        """Ask it to end, and wait for it."""
        assert self.process is not None
        assert self.process.stdout is not None
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.process.stdout.close()

    def trusting(self) -> ssl.SSLContext:
        """Return a client's context that trusts the tests' authority and nobody else."""
        return ssl.create_default_context(cafile=str(self.authority.root))

    def connect(self, context: ssl.SSLContext | None = None) -> ssl.SSLSocket:
        """Shake hands."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        return (context or self.trusting()).wrap_socket(plain, server_hostname="localhost")

    def seen_until(self, serial: int, seconds: float = 30) -> bool:
        """Wait until new connections are shown a certificate."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.serial() == serial:
                return True
            time.sleep(0.2)
        return False

    def serial(self) -> int:
        with self.connect() as talk:
            shown = talk.getpeercert()
        assert shown is not None
        return int(str(shown["serialNumber"]), 16)
