"""Several web processes are one server: to its callers, in its records, and when one dies."""

from __future__ import annotations

import http.client
import os
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cast import multipart
from objects import a_file, uid
from server import EMAIL, Server, copied

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]

PROCESSES = 3
SLICES = 12
SERIES = f"/dicomweb/studies/{uid(1)}/series/{uid(1, 1)}"


@pytest.fixture(scope="module")
def family(template: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = copied(template, tmp_path_factory.mktemp("family"))
    server.more = ("--processes", str(PROCESSES))
    server.start()
    body, headers = multipart(*(a_file(number) for number in range(1, SLICES + 1)))
    assert server.request("POST", "/dicomweb/studies", body, headers).status == 200
    yield server
    server.stop()
    assert server.processes() == []


@pytest.fixture
def callers(family: Server) -> Iterator[Callers]:
    eventually(lambda: not connections_of(family))
    made = Callers(family)
    yield made
    made.close()


def test_connections_are_shared_evenly(family: Server, callers: Callers) -> None:
    def are_even() -> bool:
        callers.close()
        eventually(lambda: not connections_of(family))
        many = callers.come(2 * PROCESSES)
        assert [caller.get(f"{SERIES}/metadata") for caller in many] == [200] * len(many)
        return sorted(connections_of(family).values()) == [2] * PROCESSES

    # A process that a busy machine keeps from coming forward is not waited for.
    eventually(are_even)


def test_one_visit_over_all_of_them_is_one_look(family: Server, callers: Callers) -> None:
    each = callers.at_all()
    for number in range(1, SLICES + 1):
        for caller in each:
            assert caller.get(frame_of(number)) == 200

    eventually(lambda: looks(family) == [SLICES])
    assert entries(family, "study.looked-at") == 1


def test_the_list_that_all_of_them_told_is_one_entry(family: Server, callers: Callers) -> None:
    before = entries(family, "studies.listed")
    for caller in callers.at_all():
        assert caller.get("/dicomweb/studies") == 200
    assert entries(family, "studies.listed") <= before + 1


def test_what_all_of_them_take_in_at_once_is_kept_once(family: Server, callers: Callers) -> None:
    each = callers.at_all()
    for turn in range(5):
        body, headers = multipart(*(a_file(number, study=2) for number in range(1, turn + 6)))
        for caller in each:
            caller.send("POST", "/dicomweb/studies", body, headers)
        assert [caller.answered() for caller in each] == [200] * len(each)
    found = family.get(f"/dicomweb/studies/{uid(2)}/instances", accept="application/dicom+json")
    assert found.body.count(b'"00080018"') == 9


def test_one_that_dies_is_replaced_and_the_others_answer(family: Server, callers: Callers) -> None:
    each = callers.at_all()
    assert [caller.get(frame_of(1)) for caller in each] == [200] * len(each)
    web = set(connections_of(family))
    assert len(web) == PROCESSES

    os.kill(min(web), signal.SIGKILL)

    assert [caller.get(frame_of(1)) for caller in callers.come(20)] == [200] * 20
    callers.close()

    def are_all_there() -> bool:
        callers.close()
        callers.come(PROCESSES)
        return len(connections_of(family)) == PROCESSES

    eventually(are_all_there)
    assert min(web) not in connections_of(family)


def test_when_the_parent_is_killed_all_are_gone_at_once(family: Server, callers: Callers) -> None:
    assert len(family.processes()) >= PROCESSES + 2
    port = family.port
    family.kill()
    eventually(lambda: family.processes() == [], within=5)
    family.start()
    assert family.port == port
    assert callers.come(1)[0].get(frame_of(1)) == 200


def test_the_parent_opens_neither_database_nor_pack(family: Server) -> None:
    assert family.process is not None
    opened = {each.readlink() for each in Path(f"/proc/{family.process.pid}/fd").iterdir()}
    assert not {place for place in opened if place.is_relative_to(family.data)}


def test_what_one_removed_no_other_shows(family: Server, callers: Callers) -> None:
    said = family.run(
        "token", "create", "--data", str(family.data), "--account", EMAIL,
        "--scope", "dicomweb:read", "--scope", "dicomweb:delete",
    )  # fmt: skip
    each = callers.at_all(said.stdout.strip())
    assert [caller.get(frame_of(1)) for caller in each] == [200] * len(each)

    assert each[0].ask("DELETE", f"/dicomweb/studies/{uid(1)}") in {200, 204}

    assert [caller.get(frame_of(1)) for caller in each] == [404] * len(each)


class Caller:
    """One program that keeps its connection."""

    def __init__(self, server: Server, token: str) -> None:
        self._token = token
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        assert self.get("/healthz") == 200

    def send(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> None:
        sent = {"Authorization": f"Bearer {self._token}", "Accept": "*/*"} | (headers or {})
        self._connection.request(method, path, body, sent)

    def answered(self) -> int:
        answer = self._connection.getresponse()
        answer.read()
        return answer.status

    def ask(self, method: str, path: str) -> int:
        self.send(method, path)
        return self.answered()

    def get(self, path: str) -> int:
        return self.ask("GET", path)

    def close(self) -> None:
        self._connection.close()


class Callers:
    """Programs that go when the test is over."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._all: list[Caller] = []

    def come(self, count: int, token: str = "") -> list[Caller]:
        made = [Caller(self._server, token or self._server.token) for _ in range(count)]
        self._all += made
        return made

    def at_all(self, token: str = "") -> list[Caller]:
        """Return callers of whom each process holds at least one."""
        made = self.come(PROCESSES, token)
        deadline = time.monotonic() + 60
        while len(connections_of(self._server)) < PROCESSES:
            assert time.monotonic() < deadline
            made += self.come(1, token)
        return made

    def close(self) -> None:
        for caller in self._all:
            caller.close()
        self._all.clear()


def frame_of(number: int) -> str:
    return f"{SERIES}/instances/{uid(1, 1, number)}/frames/1"


def connections_of(server: Server) -> Counter[int]:
    """Return how many accepted connections each process of the family holds."""
    accepted = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if words[1].endswith(f":{server.port:04X}") and words[3] == "01":
            accepted.add(f"socket:[{words[9]}]")
    held: Counter[int] = Counter()
    for pid in server.processes():
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            try:
                held[pid] += str(descriptor.readlink()) in accepted
            except OSError:
                continue
    return Counter({pid: count for pid, count in held.items() if count})


def looks(server: Server) -> list[int]:
    return [
        row[0] for row in asked(server, "SELECT pictures FROM release_look WHERE action='view'")
    ]


def entries(server: Server, action: str) -> int:
    rows = asked(server, "SELECT count(*) FROM audit_entry WHERE kind = ?", action)
    return int(rows[0][0])


def asked(server: Server, statement: str, *values: str) -> list[tuple[int, ...]]:
    place = f"file:{server.data / 'safelight.sqlite3'}?mode=ro"
    with closing(sqlite3.connect(place, uri=True)) as database:
        return database.execute(statement, values).fetchall()


def eventually(holds: Callable[[], bool], within: float = 60.0) -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
