"""What was acknowledged is there after a crash, byte for byte; what was not may be sent again."""

from __future__ import annotations

import http.client
import random
import threading
import time
from dataclasses import dataclass, field

import orjson
import pytest

from cast import multipart
from objects import a_file, uid
from server import Server

pytestmark = [pytest.mark.server, pytest.mark.timeout(1500)]

STORED = "00081199"
SENDERS = 3
A_BATCH = 3


@dataclass
class Uploads:
    """Senders that store objects until the server goes away, and what was acknowledged to them."""

    server: Server
    run: int
    sent: dict[str, bytes] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def go_on_for(self, seconds: float) -> None:
        threads = [threading.Thread(target=self._send, args=(number,)) for number in range(SENDERS)]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        self.server.kill()
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
            with self.lock:
                self.sent |= files
            body, headers = multipart(*files.values())
            try:
                answer = self.server.request("POST", "/dicomweb/studies", body, headers)
            except (OSError, http.client.HTTPException):
                return
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


def test_ten_kills_lose_nothing_that_was_acknowledged(server: Server) -> None:
    assert kill_again_and_again(server, 10) > 10
    body, headers = multipart(a_file(1, study=900))
    assert server.request("POST", "/dicomweb/studies", body, headers).status == 200
    server.stop()
    checked = server.run("audit", "verify", "--data", str(server.data))
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.long
@pytest.mark.parametrize("piece", range(1, 6))
def test_a_hundred_kills_of_the_served_product_lose_nothing(server: Server, piece: int) -> None:
    assert kill_again_and_again(server, 20, seed=piece) > 40


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
