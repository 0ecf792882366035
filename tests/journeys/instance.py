"""How does a journey get a real server of its own, and read the mail that it sends?"""

from __future__ import annotations

import email
import email.policy
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_START_SECONDS = 60
_MAIL_SECONDS = 30
_PROGRAM = [sys.executable, "-m", "safelight.surfaces.cli"]


@dataclass(frozen=True)
class Letter:
    """One message, as its recipient reads it."""

    to: str
    subject: str
    text: str

    def code(self) -> str:
        """Return the six digits to type."""
        return self._found(r"(?m)^\s*(\d{6})\s*$")

    def link(self) -> str:
        """Return the address to open, with what stands behind its #."""
        return self._found(r"(https?://\S+#\S+)")

    def page(self) -> str:
        """Return the address to type where there are no scripts."""
        return self._found(r"(?m)^\s*(https?://[^\s#]+)\s*$")

    def printed_code(self) -> str:
        """Return the code that stands in the message beside the link."""
        return self._found(r"(?m)^\s*([A-Z0-9]{5}(?:-[A-Z0-9]{5})+)\s*$")

    def _found(self, pattern: str) -> str:
        found = re.search(pattern, self.text)
        assert found, f"{self.subject!r} should hold {pattern}"
        return found[1]


@dataclass(frozen=True)
class Instance:
    """A served instance, with its worker."""

    url: str
    data: Path
    mail: Path
    environment: dict[str, str]

    def letters(self, to: str) -> list[Letter]:
        """Return what was sent to an address, the oldest first."""
        found = []
        paths = [path for path in self.mail.glob("*.eml") if not path.name.startswith(".")]
        for path in sorted(paths, key=lambda each: each.stat().st_mtime_ns):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            body = message.get_body(("plain",))
            text = body.get_content() if body is not None else ""
            if to in str(message["To"]):
                found.append(Letter(str(message["To"]), str(message["Subject"]), text))
        return found

    def letter(self, to: str, subject: str, *, number: int = 1) -> Letter:
        """Wait for the `number`th message to an address whose subject holds some words."""
        until = time.monotonic() + _MAIL_SECONDS
        while time.monotonic() < until:
            found = [each for each in self.letters(to) if subject in each.subject]
            if len(found) >= number:
                return found[number - 1]
            time.sleep(0.2)
        sent = [each.subject for each in self.letters(to)]
        message = f"no message {subject!r} came to {to} within {_MAIL_SECONDS} s, only {sent}"
        raise AssertionError(message)

    def run(self, *command: str, said: str = "") -> str:
        """Run one command of the program on this instance and return what it printed."""
        done = subprocess.run(
            [*_PROGRAM, *command, "--data", str(self.data)],
            env=self.environment,
            input=said,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"{command[0]} failed:\n{done.stdout}{done.stderr}"
        return done.stdout


def served(folder: Path) -> Iterator[Instance]:
    """Make an instance in a folder, serve it, and end it afterwards."""
    port = _free_port()
    url = f"http://localhost:{port}"
    mail = folder / "mail"
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("SAFELIGHT_")
    } | {"SAFELIGHT_PUBLIC_URL": url, "SAFELIGHT_EMAIL_URL": f"file://{mail}"}
    instance = Instance(url, folder / "data", mail, environment)
    instance.run("init", "--root-key-file", str(folder / "keys" / "root.key"))
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [*_PROGRAM, "serve", "--data", str(instance.data), "--listen", f"127.0.0.1:{port}"],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_ready(server, url, folder / "server.log")
        yield instance
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_until_ready(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:  # noqa: S310 (our own)
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    message = f"the server did not become ready:\n{log.read_text()}"
    raise AssertionError(message)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
