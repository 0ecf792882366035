"""A real Safelight server in a folder of its own: made, started, stopped and killed by tests."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

PASSWORD = "a long walk along the river"
EMAIL = "olga.owner@people.example"
_PATIENCE = 180.0  # seconds; a busy machine needs them


@dataclass
class Answer:
    """What the server said."""

    status: int
    body: bytes
    headers: dict[str, str]


@dataclass
class Server:
    """One instance and, once started, the process that serves it."""

    data: Path
    key: Path
    port: int = 0
    token: str = ""
    env: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    log: Path = Path(os.devnull)
    more: tuple[str, ...] = ()  # further arguments of `serve`
    program: tuple[str, ...] = ("-m", "safelight.surfaces.cli")

    def run(self, *arguments: str, input: str = "") -> subprocess.CompletedProcess[str]:  # noqa: A002
        """Run one command of the command line to its end."""
        return subprocess.run(
            [sys.executable, *self.program, *arguments],
            input=input,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def init(self) -> None:
        done = self.run("init", "--data", str(self.data), "--root-key-file", str(self.key))
        assert done.returncode == 0, done.stderr

    def add_person(
        self, email: str = EMAIL, name: str = "Olga Owner", *, is_limited: bool = False
    ) -> str:
        """Make an account and return a token that may read and write, as fast as tests do."""
        unbounded = [] if is_limited else ["--no-rate-limit"]
        made = self.run(
            "account", "create", "--data", str(self.data), "--email", email, "--name", name,
            "--password-stdin", "--accept-statement", input=PASSWORD + "\n",
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        token = self.run(
            "token", "create", "--data", str(self.data), "--account", email,
            "--scope", "dicomweb:read", "--scope", "dicomweb:write", *unbounded,
        )  # fmt: skip
        assert token.returncode == 0, token.stderr
        return token.stdout.strip()

    def start(self, *, wrapper: Sequence[str] = ()) -> None:
        """Serve, at the port that was chosen or a free one, and wait until it answers."""
        self.port = self.port or free_port()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*wrapper, sys.executable, *self.program, *self.serve_arguments()],
                env=self._environment(),
                start_new_session=True,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + _PATIENCE
        while not self._answers():
            assert self.process.poll() is None, "the server ended by itself"
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.05)

    def serve_arguments(self, *more: str) -> list[str]:
        return [
            "serve",
            "--data",
            str(self.data),
            "--listen",
            f"127.0.0.1:{self.port}",
            *self.more,
            *more,
        ]

    def refusal(self, *more: str) -> str:
        """Try to serve where that must be refused; return what is said."""
        self.port = self.port or free_port()
        done = self.run(*self.serve_arguments(*more))
        assert done.returncode == 1, (done.returncode, done.stderr)
        return done.stderr

    def stop(self) -> None:
        """Ask the server to end, and wait for it."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the server as a crash would: no farewell, nothing flushed."""
        self._end(signal.SIGKILL)

    def request(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        """Send one request as the instance's person; raises OSError when the server goes away."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            sent = {"Authorization": f"Bearer {self.token}"} | (headers or {})
            connection.request(method, path, body, sent)
            got = connection.getresponse()
            return Answer(got.status, got.read(), dict(got.getheaders()))
        finally:
            connection.close()

    def get(self, path: str, accept: str = "*/*") -> Answer:
        return self.request("GET", path, headers={"Accept": accept})

    def processes(self) -> list[int]:
        """Return the processes of this instance's family that are alive."""
        mark = str(self.data).encode()
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and mark in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def _end(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        self.process.send_signal(number)
        self.process.wait(_PATIENCE)
        self.process = None

    def _answers(self) -> bool:
        try:
            return self.request("GET", "/dicomweb/studies").status in {200, 204, 401}
        except (OSError, http.client.HTTPException):
            return False

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if "SAFELIGHT" not in name}
        kept.pop("DJANGO_SETTINGS_MODULE", None)
        return kept | {"PYTHONUNBUFFERED": "1"} | self.env


def send_form(server: Server, path: str, **said: str) -> int:
    """Send a form as a browser does that was given a page first."""
    page = server.request("GET", path)
    headers = {name.lower(): value for name, value in page.headers.items()}
    csrf = headers["set-cookie"].partition("__Host-csrf=")[2].partition(";")[0]
    headers = {
        "Cookie": f"__Host-csrf={csrf}",
        "X-CSRFToken": csrf,
        "Origin": "http://localhost:8000",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return server.request("POST", path, urlencode(said).encode(), headers).status


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def copied(template: Server, folder: Path) -> Server:
    """Return an instance like `template` in another folder, with the same key and people."""
    data = folder / "data"
    shutil.copytree(template.data, data)
    return Server(data, template.key, token=template.token)
