"""Are exams read and added to as if nothing were, while the keys above them are replaced?"""

from __future__ import annotations

import http.client
import itertools
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest

from cast import multipart
from figures import figure
from ledger import address
from objects import a_file, uid
from server import EMAIL, Server, copied

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]
STUDIES, OBJECTS = 4, 3
READERS, WRITERS = 4, 2
BUSY = 503
TRIES = 8


@pytest.fixture
def server(template: Server, tmp_path: Path) -> Iterator[Server]:
    """Serve an instance with a root key of its own, which the test may replace."""
    made = copied(template, tmp_path)
    made.key = tmp_path / "keys" / "root.key"
    made.key.parent.mkdir(mode=0o700)
    shutil.copy2(template.key, made.key)
    settings = made.data / "safelight.toml"
    settings.write_text(settings.read_text().replace(str(template.key), str(made.key)))
    made.more = ("--processes", "2")
    token = made.run(
        "token", "create", "--data", str(made.data), "--account", EMAIL, "--no-rate-limit",
        "--scope", "dicomweb:read", "--scope", "dicomweb:write",
    )  # fmt: skip
    assert token.returncode == 0, token.stderr
    made.token = token.stdout.strip()
    made.start()
    yield made
    made.stop()


@dataclass
class Load:
    """People who read and write all the while; whatever goes wrong is a fault."""

    server: Server
    sent: dict[str, bytes] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    reads: int = 0
    writes: int = 0
    faults: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def begin_with(self, studies: int, objects: int) -> None:
        for study, number in itertools.product(range(1, studies + 1), range(1, objects + 1)):
            self.store(uid(study, 1, number), a_file(number, study=study))

    def store(self, name: str, data: bytes) -> None:
        body, headers = multipart(data)
        for _ in range(TRIES):
            answer = self.server.request("POST", "/dicomweb/studies", body, headers)
            if answer.status != BUSY:
                break
        if answer.status != 200:
            self.faults.append(f"write {answer.status} {answer.body[:300]!r}")
            return
        self.sent[name] = data
        self.kept.append(name)
        self.writes += 1

    def read(self, name: str, accept: str = "application/dicom") -> None:
        for _ in range(TRIES):
            answer = self.server.get(address(name), accept=accept)
            if answer.status != BUSY:
                break
        if answer.status != 200 or (
            accept == "application/dicom" and answer.body != self.sent[name]
        ):
            self.faults.append(f"read {accept} {answer.status} {answer.body[:300]!r}")
            return
        self.reads += 1

    @contextmanager
    def going_on(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._read_on, args=(n,)) for n in range(READERS)]
        threads += [threading.Thread(target=self._write_on, args=(n,)) for n in range(WRITERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join()

    def _read_on(self, number: int) -> None:
        chance = random.Random(number)  # noqa: S311 (guards nothing)
        while not self.over.is_set():
            name = chance.choice(self.kept)
            try:
                if chance.random() < 0.2:
                    listed = self.server.get("/dicomweb/studies", accept="application/dicom+json")
                    if listed.status not in {200, BUSY}:
                        self.faults.append(f"search {listed.status} {listed.body[:300]!r}")
                    self.reads += 1
                else:
                    self.read(name)
            except (OSError, http.client.HTTPException) as error:
                self.faults.append(f"read {error!r}")
            time.sleep(0.02)

    def _write_on(self, writer: int) -> None:
        for number in itertools.count(100):
            if self.over.is_set():
                return
            study = number % (STUDIES + 2) + 1  # now and then a new one
            try:
                self.store(
                    uid(study, 2 + writer, number), a_file(number, study=study, series=2 + writer)
                )
            except (OSError, http.client.HTTPException) as error:
                self.faults.append(f"write {error!r}")
            time.sleep(0.4)

    def read_all(self) -> None:
        for name in list(self.sent):
            self.read(name)


def keys(server: Server, *more: str) -> str:
    done = server.run("keys", *more, "--data", str(server.data))
    assert done.returncode == 0, (more, done.stdout, done.stderr)
    return done.stdout


def ids(server: Server, table: str) -> list[str]:
    with sqlite3.connect(f"file:{server.data / 'safelight.sqlite3'}?mode=ro", uri=True) as store:
        found = store.execute(f"SELECT id FROM {table}").fetchall()  # noqa: S608 (our own words)
    return [str(UUID(each)) for (each,) in found]


def test_root_vault_and_study_are_replaced_under_load_and_no_read_fails(server: Server) -> None:
    load = Load(server)
    load.begin_with(STUDIES, OBJECTS)
    old = server.key.read_text()
    (vault,) = ids(server, "imaging_vault")

    with load.going_on():
        assert "all of them open" in keys(server, "rotate", "root")
        assert "vault's new key" in keys(server, "rotate", "vault", vault)
        study = ids(server, "imaging_study")[0]
        assert "study's new key" in keys(server, "rotate", "study", study)
        keys(server, "rotate", "ledger", vault)
        time.sleep(2)

    assert load.faults == []
    assert load.reads > 50
    assert load.writes > STUDIES * OBJECTS
    load.read_all()
    assert "All of them open" in keys(server, "verify", "--all")
    assert server.key.read_text() != old
    (kept,) = server.key.parent.glob("root.key.old-*")
    assert kept.read_text() == old
    # Without the old root key nothing is missed, not even by a server that starts anew.
    kept.rename(kept.with_name("away"))
    server.stop()
    server.start()
    load.read_all()
    assert load.faults == []
    assert re.search(r"vault +current +1 .* version 2", keys(server, "list"))
    figure("keys.rotated.reads", load.reads, "reads during rotation")
    figure("keys.rotated.writes", load.writes, "writes during rotation")
    figure("keys.rotated.failed", len(load.faults), "failed")


@pytest.mark.long
def test_a_rotation_that_is_killed_anywhere_goes_on_and_loses_nothing(server: Server) -> None:
    load = Load(server)
    load.begin_with(STUDIES, OBJECTS)
    (vault,) = ids(server, "imaging_vault")
    study = ids(server, "imaging_study")[0]
    chance = random.Random(5)  # noqa: S311 (repeatable, guards nothing)
    kills = 0

    with load.going_on():
        for what in (["root"], ["vault", vault], ["study", study]):
            for _ in range(2):
                kills += killed(server, *what, after=chance.uniform(0.0, 4.0))
            keys(server, "rotate", *what)

    assert kills > 0
    assert load.faults == []
    load.read_all()
    assert load.faults == []
    assert "All of them open" in keys(server, "verify", "--all")
    figure("keys.rotations.killed", kills, "kills")


def killed(server: Server, *what: str, after: float) -> bool:
    """Begin to rotate and kill it so long after it opened the key store; say whether it was."""
    process = subprocess.Popen(
        [sys.executable, "-m", "safelight.surfaces.cli", "keys", "rotate", *what,
         "--data", str(server.data)],
        env=os.environ | {"SAFELIGHT_DATA": str(server.data),
                          "SAFELIGHT_ROOT_KEY_FILE": str(server.key)},
        start_new_session=True,
    )  # fmt: skip
    opened = server.data / "keys.sqlite3"
    while process.poll() is None:
        try:
            links = [each.readlink() for each in Path(f"/proc/{process.pid}/fd").iterdir()]
        except OSError:
            continue
        if opened in links:
            break
        time.sleep(0.01)
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    return False
