"""A spoiled disc or bundle costs its own items: what is kept is a picture that was in it, whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from starlette.testclient import TestClient

from archives import archive
from asking import fetch
from cast import Person
from fuzzing import PIECES, chance, numbers, survived
from kept import data_set, in_little_memory, soon
from objects import a_file
from safelight.dicom.reading.index import index
from safelight.dicom.source import BytesSource
from safelight.exchange.receive.verdicts import Ruling
from safelight.records.accounts.queries import address_of
from safelight.records.imaging.models import Instance
from safelight.surfaces.cli.import_run import bring_in
from spoiled_archives import members, spoiled_archive
from spoiled_images import spoiled_image
from uploading import Browser, browser_of, bundle, manifest_line

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

ARCHIVES = BUNDLES = IMAGES = 500
WRAPPED = {"1.2.840.10008.5.1.4.1.1.104.1", "1.2.840.10008.5.1.4.1.1.7"}


def all_kept(web: TestClient, person: Person) -> list[bytes]:
    """Fetch every object that is kept."""
    found = web.get("/dicomweb/instances?limit=5000", headers=person.headers)
    rows = found.json() if found.status_code == 200 else []
    assert len(rows) == Instance.objects.count()
    uids = [[row[tag]["Value"][0] for tag in ("0020000D", "0020000E", "00080018")] for row in rows]
    return [
        fetch(web, person, f"/dicomweb/studies/{study}/series/{series}/instances/{instance}")
        for study, series, instance in uids
    ]


def check_kept(web: TestClient, person: Person, sound: tuple[bytes, ...]) -> None:
    """Check that all that is kept went in, or is a letter in a wrapping of ours."""
    known, seen = {data_set(each) for each in sound}, 0
    for kept in all_kept(web, person):
        if index(BytesSource(kept)).sop_class_uid not in WRAPPED:
            assert data_set(kept) in known
            seen += 1
    assert seen


def files_of_the_instance() -> set[Path]:
    return {path for path in settings.SAFELIGHT_DATA.rglob("*") if path.is_file()}


def bring_all(web: TestClient, person: Person, folder: Path, piece: int) -> None:
    account, disc = address_of(person.account), folder / "disc.zip"
    files = files_of_the_instance()
    for number in numbers(ARCHIVES, piece):
        disc.write_bytes(spoiled_archive(number))
        with soon(number):
            assert bring_in(account, [disc]) is not None
    assert list(folder.iterdir()) == [disc]
    fresh = files_of_the_instance() - files
    assert all(path.suffix == ".pack" or "sqlite3" in path.name for path in fresh), fresh
    check_kept(web, person, members())
    disc.write_bytes(archive(("one", a_file(1, study=77))))
    summary = bring_in(account, [disc])
    assert summary is not None
    assert summary.counts[Ruling.STORED] >= 1
    assert not summary.counts[Ruling.REFUSED]
    survived("archives", len(numbers(ARCHIVES, piece)), piece)


def bring_images(web: TestClient, person: Person, folder: Path, piece: int) -> None:
    """Bring in images; unlike a zip they have no checksums, so a file may be too long or short."""
    account, disc = address_of(person.account), folder / "disc.iso"
    for number in numbers(IMAGES, piece):
        disc.write_bytes(spoiled_image(number))
        with soon(number):
            assert bring_in(account, [disc]) is not None
    known = {data_set(each) for each in members()}
    pictures = [
        data_set(kept)
        for kept in all_kept(web, person)
        if index(BytesSource(kept)).sop_class_uid not in WRAPPED
    ]
    assert any(picture in known for picture in pictures)
    for picture in pictures:
        assert any(picture.startswith(each) or each.startswith(picture) for each in known)
    survived("images", len(numbers(IMAGES, piece)), piece)


def spoiled_bundle(number: int) -> bytes:
    """Return a bundle as a browser sends them, whose manifest or bytes are spoiled."""
    dice = chance("bundle", number)
    files = [(manifest_line(n, each), each) for n, each in enumerate(members()[1:5])]
    for line, _ in files:
        if dice.random() < 0.3:
            line[dice.choice(("n", "size", "sha256", "kind", "declared"))] = dice.choice(
                (0, -1, True, None, 1 << 40, "", "pdf", "png", "0" * 64, [], {"title": 5}, {})
            )
    data = bytearray(bundle(*files))
    if dice.random() < 0.6:
        at = dice.randrange(min(len(data), 1500))
        what = dice.randrange(5)
        if what == 0:
            data[at] ^= 1 << dice.randrange(8)
        elif what == 1:
            del data[at : at + dice.randint(1, 90)]
        elif what == 2:
            data[at:at] = dice.choice((b"[" * 3000, b"\xff", b'{"files":', data[:60]))
        elif what == 3:
            data[8:12] = dice.randbytes(4)
        else:
            del data[at:]
    return bytes(data)


def spools() -> set[str]:
    """Return what waits to be taken in, of other tests, too."""
    folder = settings.SAFELIGHT_DATA / "uploads"
    return {each.name for each in folder.iterdir()} if folder.is_dir() else set()


def send_all(web: TestClient, person: Person, piece: int) -> None:
    browser: Browser = browser_of(web, person)
    before = spools()
    batch = browser.open_batch(other_name_choice="represented")
    for number in numbers(BUNDLES, piece):
        data = spoiled_bundle(number)
        with soon(number):
            created = browser.create(batch, len(data))
            assert created.status_code == 201, created.text
            added = browser.add(created.headers["Location"], 0, data)
            assert added.status_code == 204, (number, added.text)
            said = browser.ask("GET", created.headers["Location"] + "/verdicts")
            assert said.json()["state"] == "done", (number, said.text)
    check_kept(web, person, members())
    assert spools() <= before
    survived("bundles", len(numbers(BUNDLES, piece)), piece)


def test_a_spoiled_disc_costs_its_own_items(web: TestClient, owner: Person, tmp_path: Path) -> None:
    with in_little_memory():
        bring_all(web, owner, tmp_path, 0)


def test_a_spoiled_image_costs_its_own_items(
    web: TestClient, owner: Person, tmp_path: Path
) -> None:
    with in_little_memory():
        bring_images(web, owner, tmp_path, 0)


def test_a_spoiled_bundle_costs_its_own_items(web: TestClient, owner: Person) -> None:
    with in_little_memory():
        send_all(web, owner, 0)


@pytest.mark.long
@pytest.mark.parametrize("piece", range(1, PIECES))
def test_many_more_spoiled_discs_do(
    web: TestClient, owner: Person, tmp_path: Path, piece: int
) -> None:
    with in_little_memory():
        bring_all(web, owner, tmp_path, piece)


@pytest.mark.long
@pytest.mark.parametrize("piece", range(1, PIECES))
def test_many_more_spoiled_images_do(
    web: TestClient, owner: Person, tmp_path: Path, piece: int
) -> None:
    with in_little_memory():
        bring_images(web, owner, tmp_path, piece)


@pytest.mark.long
@pytest.mark.parametrize("piece", range(1, PIECES))
def test_many_more_spoiled_bundles_do(web: TestClient, owner: Person, piece: int) -> None:
    with in_little_memory():
        send_all(web, owner, piece)
