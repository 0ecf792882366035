"""On what does the benchmark run? A real server on an empty data folder, and what it stands on."""

from __future__ import annotations

import os
import platform
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_PROGRAM = (sys.executable, "-m", "safelight.surfaces.cli")
HOUSE = "Bench Hospital"
_PERSON = "bench@demo.example"
_PROVIDER = "scanner@demo.example"
_START_SECONDS = 60
_USER_TIME, _SYSTEM_TIME = 11, 12  # fields of proc(5) stat after the program's name


@dataclass(frozen=True, slots=True)
class Served:
    """A running server and the token that may read and write there."""

    port: int
    token: str
    pid: int
    dimse: int
    house_token: str
    """Stores for the institution whose scanner calls by DICOM."""

    def processor_seconds(self) -> float:
        """Return what the web process has used of the processor; 0.0 where nobody counts it."""
        with suppress(OSError):
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
            user, system = fields[_USER_TIME], fields[_SYSTEM_TIME]
            return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
        return 0.0


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """Make an instance in `folder`, serve it, and end it."""
    data = folder / "data"
    _run("init", "--data", data, "--root-key-file", folder / "key" / "root.key")
    person = ("--email", _PERSON, "--name", "Bench Person", "--accept-statement")
    password = secrets.token_urlsafe(24)
    _run("account", "create", "--data", data, *person, "--password-stdin", said=password)
    scopes = ("--scope", "dicomweb:read", "--scope", "dicomweb:write", "--no-rate-limit")
    token = _run("token", "create", "--data", data, "--account", _PERSON, *scopes).strip()
    house_token = _let_in_a_system(data)
    port, dimse = free_port(), free_port()
    listening = ("--listen", f"127.0.0.1:{port}", "--dimse", f"127.0.0.1:{dimse}")
    server = subprocess.Popen(
        [*_PROGRAM, "serve", "--data", str(data), *listening],
        env=os.environ | {"SAFELIGHT_PUBLIC_URL": f"http://localhost:{port}"},
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for(port, server, "/dicomweb/studies")
        yield Served(port, token, server.pid, dimse, house_token)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)


def _let_in_a_system(data: Path) -> str:
    """Make an institution, and a connection by which its scanner calls; return its token."""
    person = ("--email", _PROVIDER, "--name", "Bench Provider", "--accept-statement")
    house = ("--kind", "provider", "--organization", HOUSE)
    password = secrets.token_urlsafe(24)
    _run("account", "create", "--data", data, *person, *house, "--password-stdin", said=password)
    done = subprocess.run(
        [sys.executable, "-m", "bench.connecting", str(data)], cwd=ROOT, check=False
    )
    if done.returncode:
        raise SystemExit("no connection could be added")
    scopes = ("--scope", "dicomweb:write", "--no-rate-limit")
    return _run("token", "create", "--data", data, "--account", _PROVIDER, *scopes).strip()


@contextmanager
def sink() -> Iterator[int]:
    """Serve the null server; yield its port."""
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("sink.py"))],
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            yield int(server.stdout.readline() if server.stdout else "0")
        finally:
            server.terminate()


def free_port() -> int:
    """Return a port of this machine that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def machine() -> str:
    """Say on what machine this runs."""
    model = platform.processor() or platform.machine()
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return f"{os.cpu_count()} cores of {model}, {memory} GiB, Python {platform.python_version()}"


def commit() -> str:
    """Say which version this is."""
    words = ("describe", "--always", "--dirty", "--abbrev=12")
    said = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return said.stdout.strip() or "unknown"


def _run(*words: str | Path, said: str = "") -> str:
    """Run one command of the product; return what it printed."""
    command = [*_PROGRAM, *(str(word) for word in words)]
    done = subprocess.run(command, input=said, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command[3:5])} failed: {done.stderr}")
    return done.stdout


def wait_for(port: int, server: subprocess.Popen[bytes], path: str) -> None:
    """Return once a server that was started answers at `path`, whatever it answers.

    Raises:
        SystemExit: it does not within a minute, or it has ended.
    """
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        with suppress(OSError, HTTPException):
            connection.request("GET", path)
            connection.getresponse().read()
            return
        connection.close()
        time.sleep(0.1)
    raise SystemExit("the server did not start")
