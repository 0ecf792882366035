"""Three hundred things are planted by every door; what could a thief read of them afterwards?

A real server is served, used, misused and crashed. Then its data folder, the dump of its
databases, its temporary files, its log and whatever its crash left behind are searched.
"""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from detector import Detector, Hits
from figures import figure
from planted import ALL, Planted, plant
from planting import misuse, use
from server import Server

pytestmark = pytest.mark.server


@pytest.fixture
def planted() -> Planted:
    return plant()


@pytest.fixture
def searched(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Serve where a crash would leave a file of its memory, if anything allowed it."""
    here = tmp_path / "here"
    (here / "temporary").mkdir(parents=True)
    monkeypatch.chdir(here)
    server.env["TMPDIR"] = str(here / "temporary")
    server.log = here / "server.log"
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    server.start()
    resource.setrlimit(resource.RLIMIT_CORE, before)
    yield server
    server.stop()


def test_none_of_three_hundred_is_readable_at_rest(
    searched: Server, planted: Planted, tmp_path: Path
) -> None:
    detector = Detector(planted.places.values())
    use(searched, planted)
    misuse(searched, planted)
    _crash(searched)
    found = {
        # Where no mail server is named, messages to people lie there as they are sent.
        "data": detector.search_files(searched.data, leave_out=[searched.data / "mail"]),
        "beside": detector.search_files(tmp_path / "here"),
        "dump": _in_dumps(searched, detector),
    }
    assert found == {"data": {}, "beside": {}, "dump": {}}
    assert (tmp_path / "here" / "server.log").stat().st_size > 0
    figure("canaries.planted", ALL, "canaries")
    figure("canaries.found", 0, "canaries")


def test_the_search_would_find_each_of_them(planted: Planted, tmp_path: Path) -> None:
    """The files as they are sent hold what they hold; so the search above can fail."""
    detector = Detector(planted.places.values())
    for number, file in enumerate(planted.files):
        (tmp_path / f"{number}.dcm").write_bytes(file)
    seen: set[str | bytes] = set().union(*detector.search_files(tmp_path).values())
    in_files = {
        value
        for place, value in planted.places.items()
        if not place.startswith(("question", "mistake", "address of", "password of"))
        and " of person" not in place
    }
    assert in_files - seen == set()


def _crash(server: Server) -> None:
    """Let each member of the family crash with what it holds, as a fault in native code would."""
    assert server.process is not None
    for pid in server.processes():
        if pid != server.process.pid:
            os.kill(pid, signal.SIGABRT)
    deadline = time.monotonic() + 60
    while not _answers(server):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    os.kill(server.process.pid, signal.SIGABRT)
    server.process.wait(60)
    server.process = None


def _answers(server: Server) -> bool:
    try:
        return server.get("/healthz").status == 200
    except OSError:
        return False


def _in_dumps(server: Server, detector: Detector) -> Hits:
    """Search what a dump of each database says, row by row, unpacked."""
    found: Hits = {}
    for file in server.data.glob("*.sqlite3"):
        with closing(sqlite3.connect(file)) as database:
            tables = [
                name
                for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type='table'")
            ]
            assert tables
            for table in tables:
                for row in database.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 (our own)
                    for value in row:
                        if hits := detector.search_unpacked(value):
                            found.setdefault(table, set()).update(hits)
    return found
