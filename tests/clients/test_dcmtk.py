"""DCMTK's programs, as hospitals' systems use them: echo, store, find and get."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import dcmread

from acting import HOSPITAL
from cast import make_person
from dicom_peer import OURS, SCANNER, connect, data_set_of, served
from objects import a_file, uid
from safelight.records.accounts.models import Kind
from safelight.records.imaging.models import Instance

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
    pytest.mark.long,  # needs the programs of the system's package dcmtk
]


@pytest.fixture
def port() -> Iterator[int]:
    """Let in a scanner of a hospital."""
    make_person("Carla Clinician", Kind.PROVIDER, HOSPITAL)
    connect()
    with served() as port:
        yield port


def run(
    program: str, port: int, *more: str, calling: str = SCANNER
) -> subprocess.CompletedProcess[str]:
    asked = [program, "-aet", calling, "-aec", OURS, "127.0.0.1", str(port), *more]
    return subprocess.run(asked, capture_output=True, text=True, timeout=120, check=False)


def test_what_is_stored_is_found_and_got_as_it_was(port: int, tmp_path: Path) -> None:
    sent, got = tmp_path / "sent", tmp_path / "got"
    sent.mkdir()
    got.mkdir()
    for number in range(1, 11):
        (sent / f"{number}.dcm").write_bytes(a_file(number))
    assert run("echoscu", port).returncode == 0
    assert run("echoscu", port, calling="NOBODY").returncode != 0
    assert run("storescu", port, "+sd", str(sent)).returncode == 0
    assert Instance.objects.count() == 10
    study = f"StudyInstanceUID={uid(1)}"
    keys = ["-S", "-k", "QueryRetrieveLevel=STUDY", "-k", study]
    found = run("findscu", port, *keys, "-k", "NumberOfStudyRelatedInstances")
    assert "[10]" in found.stdout + found.stderr
    assert run("getscu", port, *keys, "-od", str(got)).returncode == 0
    came = {dcmread(each).SOPInstanceUID: each.read_bytes() for each in got.iterdir()}
    assert len(came) == 10
    for number in range(1, 11):
        original = a_file(number)
        assert data_set_of(came[uid(1, 1, number)]) == data_set_of(original)
