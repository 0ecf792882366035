"""What was acknowledged is there after a crash, byte for byte; what was not may be sent again."""

from __future__ import annotations

import http.client
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import pytest

from cast import multipart
from objects import a_file, uid
from server import Server

pytestmark = [pytest.mark.server, pytest.mark.timeout(1500)]

STORED = "00081199"
SENDERS = 3
A_BATCH = 3
IN_CI = 5
A_PIECE = 10  # kills of one of the five pieces that make fifty
FAMILY = ("--processes", "3")


@dataclass
class Uploads:
    """Senders that store objects until the server goes away, and what was acknowledged to them."""

    server: Server
    run: int
    sent: dict[str, bytes] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    is_over: threading.Event = field(default_factory=threading.Event)

    def go_on_for(self, seconds: float) -> None:
        """Store for a while, and then kill the parent of the family."""
        with self.storing():
            time.sleep(seconds)
            self.is_over.set()
            self.server.kill()

    @contextmanager
    def storing(self) -> Iterator[None]:
        """Let senders store until this is left."""
        threads = [threading.Thread(target=self._send, args=(number,)) for number in range(SENDERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.is_over.set()
            for thread in threads:
                thread.join()

    def _send(self, sender: int) -> None:
        for turn in range(10_000):
            series = sender + 1
            numbers = range(turn * A_BATCH + 1, (turn + 1) * A_BATCH + 1)
            files = {
                uid(self.run, series, number): a_file(number, study=self.run, series=series)
                for number in numbers
            }
            if self.is_over.is_set():
                return
            with self.lock:
                self.sent |= files
            body, headers = multipart(*files.values())
            try:
                answer = self.server.request("POST", "/dicomweb/studies", body, headers)
            except (OSError, http.client.HTTPException):
                if self.is_over.is_set():
                    return
                continue  # whoever had it was killed; another one answers
            if answer.status == 200:
                said = orjson.loads(answer.body)[STORED]["Value"]
                with self.lock:
                    self.acknowledged |= {each["00081155"]["Value"][0] for each in said}

    def expect_all_kept(self) -> None:
        for instance in self.acknowledged:
            series = instance.rpartition(".")[0]
            study = series.rpartition(".")[0]
            got = self.server.get(
                f"/dicomweb/studies/{study}/series/{series}/instances/{instance}",
                accept="application/dicom",
            )
            assert got.status == 200, instance
            assert got.body == self.sent[instance], instance


def kill_again_and_again(server: Server, times: int, *, seed: int = 0) -> int:
    chance = random.Random(seed)  # noqa: S311 (repeatable, guards nothing)
    acknowledged = 0
    server.start()
    for run in range(1, times + 1):
        uploads = Uploads(server, run)
        uploads.go_on_for(chance.uniform(0.05, 1.2))
        server.start()
        uploads.expect_all_kept()
        acknowledged += len(uploads.acknowledged)
    return acknowledged


def kill_members(server: Server, times: int, *, seed: int = 0) -> tuple[int, int]:
    """Kill members of a family while the others go on; return what was acknowledged, and to whom.

    A member is a web process, the worker, or the nursery of the cage.
    """
    chance = random.Random(seed)  # noqa: S311 (repeatable, guards nothing)
    server.more = FAMILY
    server.start()
    assert server.process is not None
    parent = server.process.pid
    uploads = Uploads(server, run=seed + 1)
    with uploads.storing():
        for _ in range(times):
            before = len(uploads.acknowledged)
            victim = chance.choice(members_of(parent))
            os.kill(victim, signal.SIGKILL)
            eventually(lambda was=before: len(uploads.acknowledged) > was)  # type: ignore[misc]
            time.sleep(chance.uniform(0.0, 0.5))
            assert server.process.poll() is None, "the family ended with one of its members"
    uploads.expect_all_kept()
    found = server.get(f"/dicomweb/studies/{uid(seed + 1)}/instances?limit=100000")
    listed = {each["00080018"]["Value"][0] for each in orjson.loads(found.body)}
    assert uploads.acknowledged <= listed <= set(uploads.sent)
    server.stop()
    return len(uploads.acknowledged), len(listed)


def members_of(parent: int) -> list[int]:
    """Return the processes that were forked by this one and live."""
    return [
        int(each) for each in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    ]


def eventually(holds: Callable[[], bool], within: float = 60.0) -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_kills_of_the_served_product_lose_nothing_that_was_acknowledged(server: Server) -> None:
    assert kill_again_and_again(server, IN_CI) > IN_CI
    body, headers = multipart(a_file(1, study=900))
    assert server.request("POST", "/dicomweb/studies", body, headers).status == 200
    server.stop()
    checked = server.run("audit", "verify", "--data", str(server.data))
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.long
@pytest.mark.parametrize("piece", range(1, 6))
def test_fifty_kills_of_the_served_product_lose_nothing(server: Server, piece: int) -> None:
    acknowledged = kill_again_and_again(server, A_PIECE, seed=piece)
    print(f"{A_PIECE} kills of a family, {acknowledged} acknowledged, 0 lost")  # noqa: T201
    assert acknowledged > A_PIECE


def test_a_family_goes_on_when_members_are_killed_and_loses_nothing(server: Server) -> None:
    acknowledged, _ = kill_members(server, IN_CI)
    assert acknowledged > IN_CI
    checked = server.run("audit", "verify", "--data", str(server.data))
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.long
@pytest.mark.parametrize("piece", range(1, 6))
def test_a_family_goes_on_when_fifty_members_are_killed(server: Server, piece: int) -> None:
    acknowledged, listed = kill_members(server, A_PIECE, seed=piece)
    print(f"{A_PIECE} members killed, {acknowledged} acknowledged, {listed} there, 0 lost")  # noqa: T201


def test_a_killed_server_leaves_no_process_behind(server: Server) -> None:
    server.start()
    deadline = time.monotonic() + 60
    while len(server.processes()) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    server.kill()
    deadline = time.monotonic() + 60
    while server.processes() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert server.processes() == []


@pytest.mark.long
def test_members_that_hang_do_not_keep_the_family_from_ending(server: Server) -> None:
    server.start()
    assert server.process is not None
    for member in members_of(server.process.pid):
        os.kill(member, signal.SIGSTOP)
    server.stop()
    eventually(lambda: server.processes() == [], within=10)
