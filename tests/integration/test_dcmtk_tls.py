"""DCMTK's programs over TLS, and as what exams are sent to: storescp, dcmqrscp, movescu."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from socket import create_connection, socket
from time import monotonic, sleep
from typing import Any

import pytest
from django.conf import LazySettings
from pydicom import dcmread
from starlette.testclient import TestClient

from acting import HOSPITAL
from cast import Person, make_person
from certificates import signing_itself
from dicom_peer import OURS, SCANNER, connect, data_set_of, served
from objects import a_file, uid
from safelight.exchange.release.transfer.models import TransferState
from safelight.records.accounts.models import Kind
from transferring import a_stage, bound_by_dicom

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
    pytest.mark.long,  # needs the programs of the system's package dcmtk
]
Pair = tuple[Path, Path]
COUNT = 10


@pytest.fixture
def pairs(tmp_path: Path, settings: LazySettings) -> dict[str, Pair]:
    """Give the instance and two systems their certificates."""
    made = {each: signing_itself(tmp_path, each) for each in ("ours", "scanner", "archive")}
    settings.SAFELIGHT_DIMSE_TLS_CERT, settings.SAFELIGHT_DIMSE_TLS_KEY = map(str, made["ours"])
    settings.SAFELIGHT_PEER_SEGMENTS = ["127.0.0.0/8", "::1/128"]
    return made


def by_tls(pair: Pair) -> list[str]:
    """Return how a program of DCMTK shows a certificate, and takes whatever it is shown."""
    certificate, key = map(str, pair)
    return ["+tls", key, certificate, "-ic"]


def run(
    program: str, port: int, *more: str, pair: Pair | None = None, calling: str = SCANNER
) -> subprocess.CompletedProcess[str]:
    shown = by_tls(pair) if pair else []
    asked = [program, *shown, "-aet", calling, "-aec", OURS, "127.0.0.1", str(port), *more]
    return subprocess.run(asked, capture_output=True, text=True, timeout=120, check=False)


@contextmanager
def listening(program: str, *words: str) -> Iterator[int]:
    """Run one of the programs that take objects, and yield its port."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    told = [program, *(each.format(port=port) for each in words)]
    with subprocess.Popen(told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            until = monotonic() + 20
            while True:
                try:
                    create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    assert monotonic() < until
                    sleep(0.05)
            yield port
        finally:
            server.terminate()


def came_to(folder: Path) -> dict[str, bytes]:
    found = {}
    for each in folder.rglob("*"):
        if each.is_file() and each.suffix not in {".dat", ".cfg"}:
            data = each.read_bytes()
            found[str(dcmread(each).SOPInstanceUID)] = data_set_of(data)
    return found


EXPECTED = {uid(1, 1, number): data_set_of(a_file(number)) for number in range(1, COUNT + 1)}


@pytest.mark.parametrize("is_plain", [True, False])
def test_what_is_stored_is_moved_where_it_was_said(
    pairs: dict[str, Pair], tmp_path: Path, *, is_plain: bool
) -> None:
    make_person("Carla Clinician", Kind.PROVIDER, HOSPITAL)
    sent, got = tmp_path / "sent", tmp_path / "got"
    sent.mkdir()
    got.mkdir()
    for number in range(1, COUNT + 1):
        (sent / f"{number}.dcm").write_bytes(a_file(number))
    pair = None if is_plain else pairs["scanner"]
    words = [] if is_plain else by_tls(pairs["archive"])
    known: dict[str, Any] = (
        {} if is_plain else {"client_certificate": pairs["scanner"][0].read_text()}
    )
    connect(**known)
    with (
        served() as port,
        listening("storescp", *words, "-od", str(got), "{port}") as archive,
    ):
        shown: dict[str, Any] = (
            {}
            if is_plain
            else {
                "server_certificate": pairs["archive"][0].read_text(),
                "is_plain": False,
            }
        )
        connect(
            "ARCHIVE",
            they_send=False,
            they_ask=False,
            we_send=True,
            host="127.0.0.1",
            port=str(archive),
            **shown,
        )
        assert run("echoscu", port, pair=pair).returncode == 0
        assert run("storescu", port, "+sd", str(sent), pair=pair).returncode == 0
        keys = ["-S", "-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={uid(1)}"]
        found = run("findscu", port, *keys, "-k", "NumberOfStudyRelatedInstances", pair=pair)
        assert f"[{COUNT}]" in found.stdout + found.stderr
        if not is_plain:  # this program has no TLS
            connect("MOVER")
        calling = SCANNER if is_plain else "MOVER"
        moved = run("movescu", port, "-aem", "ARCHIVE", *keys, calling=calling)
        assert moved.returncode == 0, moved.stderr
        nowhere = run("movescu", port, "-v", "-aem", "NOWHERE", *keys, calling=calling)
        assert "MoveDestinationUnknown" in nowhere.stdout + nowhere.stderr
    assert came_to(got) == EXPECTED


@pytest.mark.parametrize("program", ["storescp", "dcmqrscp"])
def test_an_exam_is_sent_to_it(
    web: TestClient,
    owner: Person,
    clinician: Person,
    pairs: dict[str, Pair],
    tmp_path: Path,
    program: str,
) -> None:
    got = tmp_path / "got"
    got.mkdir()
    files = [a_file(each, PatientBirthDate="19800203") for each in range(1, COUNT + 1)]
    house, story = a_stage(web, owner, clinician, *files)
    words, pem = (
        [*by_tls(pairs["archive"]), "-od", str(got), "{port}"],
        pairs["archive"][0].read_text(),
    )
    if program == "dcmqrscp":
        titles = tmp_path / "qr.cfg"
        titles.write_text(
            "NetworkTCPPort = 0\nMaxPDUSize = 16384\nMaxAssociations = 4\n"
            "HostTable BEGIN\nHostTable END\nVendorTable BEGIN\nVendorTable END\n"
            f"AETable BEGIN\nRIVER {got} RW (200, 1024mb) ANY\nAETable END\n"
        )
        words, pem = ["-c", str(titles), "{port}"], ""  # this program has no TLS
    with listening(program, *words) as archive:
        known: dict[str, Any] = {} if pem else {"is_plain": True, "networks": "127.0.0.1"}
        stage = bound_by_dicom(house, story, archive, pem, **known)
        stage.agree()
        row = stage.sent(stage.order())
        assert (row.state, row.cause, row.sent) == (TransferState.SENT, "", COUNT)
        again = stage.sent(row, later=timedelta(hours=1))
        assert again.sent == COUNT
    assert came_to(got) == {
        uid(1, 1, number): data_set_of(each) for number, each in enumerate(files, start=1)
    }
