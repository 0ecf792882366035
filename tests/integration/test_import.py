"""What an operator's `safelight import` takes from a disk, and what it says of it."""

from __future__ import annotations

import io
import os
import shutil
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from PIL import Image
from pydicom.data import get_testdata_file
from starlette.testclient import TestClient
from typer.testing import CliRunner

from archives import ARCHIVES, GOOD, PDF, archive
from cast import Person
from objects import a_file
from safelight.records.accounts.queries import address_of
from safelight.records.imaging.models import Instance
from safelight.surfaces.cli import importing
from safelight.surfaces.cli.main import app

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
assert importing  # registers the command

Run = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def run(owner: Person) -> Run:
    """Return `safelight import` for the owner: exit code and lines said."""
    data = settings.SAFELIGHT_DATA
    (data / "safelight.toml").write_text('instance = "tests"\n')

    def run(*paths: Path, account: str = address_of(owner.account)) -> tuple[int, list[str]]:
        arguments = ["import", "--data", str(data), "--account", account, *map(str, paths)]
        done = CliRunner().invoke(app, arguments)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output.splitlines()

    return run


def test_files_and_folders_come_in_and_again_are_known(
    run: Run, tmp_path: Path, web: TestClient, owner: Person
) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    for number in range(1, 4):
        (tmp_path / "deep" / "er" / f"IM{number}").write_bytes(a_file(number))
    single = tmp_path / "one.dcm"
    single.write_bytes(a_file(study=2))
    code, said = run(single, tmp_path / "deep")
    assert code == 0
    assert said[0] == (
        "4 new, 0 already here, 0 waiting for review, 0 refused, 0 other files left out."
    )
    assert len(web.get("/dicomweb/studies", headers=owner.headers).json()) == 2
    code, said = run(tmp_path)
    assert code == 0
    assert said[0].startswith("0 new, 4 already here")


def test_what_cannot_be_taken_is_named_and_ends_with_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "good").write_bytes(a_file(1))
    (tmp_path / "cut").write_bytes(a_file(2)[:-50])
    (tmp_path / "other").write_bytes(a_file(1, SeriesDescription="other bytes"))
    (tmp_path / "link").symlink_to("/etc/passwd")
    code, said = run(tmp_path)
    assert code == 1
    assert said[0].startswith("1 new, 0 already here, 1 waiting for review, 2 refused")
    assert len(said) == 4
    named = {line.strip().partition(":")[0].rpartition("/")[2] for line in said[1:]}
    assert named == {"cut", "link", "other"}


def test_a_disc_is_read_without_its_table_and_its_programs(run: Run, tmp_path: Path) -> None:
    disc = tmp_path / "disc"
    source = Path(str(get_testdata_file("DICOMDIR")))
    (disc / "VIEWER").mkdir(parents=True)
    shutil.copy(source, disc / "DICOMDIR")
    for name in ("77654033/CR1/6154", "77654033/CR2/6247"):
        (disc / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source.parent / name, disc / name)
    (disc / "VIEWER" / "view.exe").write_bytes(b"MZ" + bytes(500))
    (disc / "AUTORUN.INF").write_bytes(b"[autorun]\nopen=VIEWER\\view.exe\n")
    (disc / "README.TXT").write_bytes(b"words")
    code, said = run(disc)
    assert code == 0, said
    assert said[0].startswith("2 new,")
    assert said[0].endswith("4 other files left out.")


def pictures() -> dict[str, bytes]:
    """Return a PDF, a JPEG and a PNG."""
    made = {}
    for kind in ("JPEG", "PNG"):
        out = io.BytesIO()
        Image.new("RGB", (40, 30), (200, 10, 10)).save(out, kind)
        made[f"photo.{kind.lower()}"] = out.getvalue()
    body = (
        b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
    )
    return made | {
        "letter.pdf": b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"
    }


def test_papers_and_photographs_are_wrapped(
    run: Run, tmp_path: Path, web: TestClient, owner: Person
) -> None:
    for name, data in pictures().items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(60))
    code, said = run(tmp_path)
    assert code == 1, said
    assert said[0].startswith("3 new, 0 already here, 0 waiting for review, 1 refused"), said
    assert "broken.png" in said[1]
    studies = web.get("/dicomweb/studies", headers=owner.headers).json()
    assert len(studies) == 3
    shown = 0
    for study in studies:
        address = f"/dicomweb/studies/{study['0020000D']['Value'][0]}"
        picture = web.get(f"{address}/thumbnail", headers=owner.headers)
        assert picture.status_code in {200, 406}
        shown += picture.status_code == 200
    assert shown == 2


def test_an_archive_comes_in_item_by_item(run: Run, tmp_path: Path) -> None:
    whole = archive(
        ("a/1", a_file(1)), ("a/2", a_file(2)), ("letter.pdf", pictures()["letter.pdf"]),
        ("x.exe", b"MZ" + bytes(100)),
    )  # fmt: skip
    (tmp_path / "cd.zip").write_bytes(whole)
    code, said = run(tmp_path / "cd.zip")
    assert code == 0, said
    assert said[0].startswith("4 new,")
    assert said[0].endswith("1 other files left out.")


@pytest.mark.parametrize("name", sorted(ARCHIVES))
def test_a_hostile_archive_costs_its_items_and_the_next_is_taken(
    run: Run, tmp_path: Path, name: str
) -> None:
    make, reason, others_are_taken = ARCHIVES[name]
    (tmp_path / "a.zip").write_bytes(make())
    (tmp_path / "b.dcm").write_bytes(a_file())
    before = {path for path in settings.SAFELIGHT_DATA.rglob("*") if path.is_file()}
    code, said = run(tmp_path)
    assert code == 1
    assert any(reason.explanation in line for line in said[1:]), said
    assert Instance.objects.count() == (2 if others_are_taken else 1)
    after = {path for path in settings.SAFELIGHT_DATA.rglob("*") if path.is_file()} - before
    assert all(path.suffix == ".pack" or "sqlite3" in path.name for path in after), after


def test_a_member_larger_than_memory_goes_through_a_sealed_spool(
    run: Run, tmp_path: Path, web: TestClient, owner: Person
) -> None:
    side = 6000
    large = a_file(Rows=side, Columns=side, PixelData=os.urandom(side * side * 2))
    assert len(large) > 64 << 20
    (tmp_path / "a.zip").write_bytes(archive(("large", large), method=0, good=False))
    code, said = run(tmp_path)
    assert code == 0, said
    assert Instance.objects.get().length > 64 << 20
    spools = settings.SAFELIGHT_DATA / "spool"
    assert not spools.exists() or list(spools.iterdir()) == []


def test_an_unknown_account_and_a_missing_path_are_refused(run: Run, tmp_path: Path) -> None:
    code, said = run(tmp_path, account="nobody@people.example")
    assert code == 1
    assert "no active account" in said[-1]
    code, said = run(tmp_path / "missing")
    assert code == 1
    assert "cannot be read" in said[1]


def test_usage_errors_end_with_two(run: Run) -> None:
    assert run()[0] == 2


def test_a_crc_that_lies_is_said(run: Run, tmp_path: Path) -> None:
    whole = archive(("one", PDF), good=True)
    right = struct.pack("<L", zlib.crc32(GOOD))
    (tmp_path / "a.zip").write_bytes(whole.replace(right, b"\0\0\0\0"))
    code, said = run(tmp_path)
    assert code == 1
    assert any("damaged" in line for line in said[1:]), said
