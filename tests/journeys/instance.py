"""How does a journey get a real server of its own, and read the mail that it sends?"""

from __future__ import annotations

import email
import email.policy
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import Server, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_MAIL_SECONDS = 60


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
        return self._found(r"(?mi)^\s*([a-z0-9]{5}(?:-[a-z0-9]{5})+)\s*$")

    def _found(self, pattern: str) -> str:
        found = re.search(pattern, self.text)
        assert found, f"{self.subject!r} should hold {pattern}"
        return found[1]


@dataclass(frozen=True)
class Instance:
    """A served instance, with its worker, and the folder that its mail goes to."""

    url: str
    server: Server
    mail: Path

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

    def letter(self, to: str, subject: str) -> Letter:
        """Wait for a message to an address whose subject holds some words."""
        until = time.monotonic() + _MAIL_SECONDS
        while time.monotonic() < until:
            found = [each for each in self.letters(to) if subject in each.subject]
            if found:
                return found[0]
            time.sleep(0.2)
        sent = [each.subject for each in self.letters(to)]
        message = f"no message {subject!r} came to {to} within {_MAIL_SECONDS} s, only {sent}"
        raise AssertionError(message)

    def run(self, *command: str, said: str = "") -> str:
        """Run one command of the program on this instance and return what it printed."""
        done = self.server.run(*command, "--data", str(self.server.data), input=said)
        assert done.returncode == 0, f"{command[0]} failed:\n{done.stdout}{done.stderr}"
        return done.stdout


def served(folder: Path, *, prepare: Callable[[Server], None] | None = None) -> Iterator[Instance]:
    """Make an instance in a folder, serve it once it is prepared, and end it afterwards."""
    port = free_port()
    url = f"http://localhost:{port}"
    mail = folder / "mail"
    environment = {"SAFELIGHT_PUBLIC_URL": url, "SAFELIGHT_EMAIL_URL": f"file://{mail}"}
    server = Server(folder / "data", folder / "keys" / "root.key", port=port, env=environment)
    server.init()
    if prepare is not None:
        prepare(server)
    server.start()
    try:
        yield Instance(url, server, mail)
    finally:
        server.stop()
