"""A PostgreSQL of the tests' own: a private cluster in a folder, reached by a socket there."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg

USER = "safelight"
_ADVICE = (
    "PostgreSQL is missing: install it with apt-get install postgresql (make setup-tests does)"
)
_PATIENCE = 60.0  # seconds
# What is proved here outlives no power cut, so nothing waits for a disk.
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "autovacuum": "off",
    "log_min_messages": "fatal",
    "client_min_messages": "warning",
}


@dataclass(slots=True)
class Cluster:
    """A running server and the folder that holds its socket."""

    folder: Path
    command: list[str]
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        """Start it and wait until it answers; also on what a killed one left."""
        self.process = subprocess.Popen(
            self.command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                psycopg.connect(self.url("postgres")).close()
            except psycopg.OperationalError:
                assert self.process.poll() is None, "PostgreSQL ended by itself"
                assert time.monotonic() < deadline, "PostgreSQL did not start"
                time.sleep(0.05)
            else:
                return

    def kill_and_start(self) -> None:
        """Let it end as in a crash, all of it, and start it again on what it left."""
        self.process.kill()
        self.process.wait(_PATIENCE)
        # Its children notice by themselves; until the last has gone no other one starts there.
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                return self.start()
            except AssertionError:
                assert time.monotonic() < deadline, "PostgreSQL did not start again"
                time.sleep(0.1)

    def url(self, database: str) -> str:
        return f"postgresql://{USER}@/{database}?host={quote(str(self.folder), safe='')}"

    def create(self, database: str, *, like: str = "") -> str:
        """Make a database, empty or with what lies behind the URL `like`; return its URL."""
        template = f' TEMPLATE "{urlsplit(like).path[1:]}"' if like else ""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}"{template}'.encode())
        return self.url(database)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGQUIT)  # "immediate": nothing is kept
        self.process.wait(_PATIENCE)
        shutil.rmtree(self.folder)


def start() -> Cluster:
    """Make and start a cluster in a folder of its own under the temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="safelight-postgres-"))
    folder.chmod(0o711)
    user = _unprivileged(folder)
    made = [_program("initdb"), "-D", str(folder / "cluster"), "-U", USER, "--auth=trust"]
    made += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run([*user, *made], check=True, capture_output=True, cwd=folder)
    settings = [f"-c{name}={value}" for name, value in _SETTINGS.items()]
    command = [
        *(user or ["setpriv"]),
        "--pdeathsig=QUIT",  # it ends with the tests, however they end
        _program("postgres"),
        *("-D", str(folder / "cluster")),
        *("-k", str(folder)),
        *settings,
    ]
    cluster = Cluster(folder, command)
    cluster.start()
    return cluster


def _program(name: str) -> str:
    """Return where Debian or the path has a program of PostgreSQL's."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3])
    )
    found = str(versions[-1]) if versions else shutil.which(name)
    if found is None:
        raise SystemExit(_ADVICE)
    return found


def _unprivileged(folder: Path) -> list[str]:
    """Return how to run a program that refuses root, having given it `folder`."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, "nobody", "nogroup")
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
