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
from urllib.parse import quote

import pytest

from accepting import CURRENT
from cast import multipart
from detector import Detector, Hits
from figures import figure
from planted import ALL, Planted, plant
from server import EMAIL, Server, send_form

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
    _use(searched, planted)
    _misuse(searched, planted)
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


def _use(server: Server, planted: Planted) -> None:
    """Make accounts, store, search, look, and begin what is not finished."""
    for person in planted.persons:
        said = {"name": person.name, "email": person.email, "password": person.password}
        asked = said | {"statement": str(CURRENT), "accept": "on"}
        assert send_form(server, "/account/register/", **asked) == 302
    body, headers = multipart(*planted.files, planted.files[0][:4000])
    assert server.request("POST", "/dicomweb/studies", body, headers).status == 202
    study = f"/dicomweb/studies/{planted.study}"
    picture = study + planted.picture
    named = quote(planted.patient_name)
    for path in (
        f"/dicomweb/studies?PatientName={named}",
        f"/dicomweb/studies?PatientID={planted.patient_id}",
        *(f"/dicomweb/studies?PatientName={quote(each)}*" for each in planted.questions),
        study,
        f"{study}/metadata",
        f"{picture}/frames/1",
        f"{picture}/rendered",
        f"{picture}/thumbnail",
    ):
        assert server.get(path).status in {200, 204}, path


def _misuse(server: Server, planted: Planted) -> None:
    """Make the mistakes that people and programs make, with the canaries in them."""
    wrong = iter(planted.mistakes)
    for path in (
        "/dicomweb/studies?NoSuchThing={}",
        "/dicomweb/studies?limit={}",
        "/dicomweb/studies/{}",
        "/exams/{}/",
        "/s/{}",
        "/{}",
        "/api/v1/exams/{}",
        "/static/{}",
    ):
        server.get(path.format(next(wrong)))
    for name in ("User-Agent", "Authorization", "Cookie", "X-Forwarded-For"):
        server.request("GET", "/dicomweb/studies", headers={name: next(wrong)})
    for address in (next(wrong) + "@people.example", EMAIL):
        send_form(server, "/account/sign-in/", email=address, password=planted.mistakes[-1])
    whole, headers = multipart(*planted.files)
    server.request("POST", "/dicomweb/studies", whole[: len(whole) // 2], headers)
    server.request("POST", "/dicomweb/studies", whole[200:], headers)


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
