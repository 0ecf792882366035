"""Does an exam leave as a disc that other programs open, on record like every download?"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pycdlib
import pytest
from django.test import Client
from PIL import Image
from playwright.sync_api import sync_playwright
from pydicom import dcmread
from pydicom.fileset import FileSet

from cast import app_code
from made_documents import PDF, documents
from opened_zips import opened
from passing import consultant, shown_to
from safelight.exchange.release.models import Disclosure
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.exchange.release.viewing.disc import Medium
from safelight.exchange.release.viewing.download import download
from safelight.exchange.release.viewing.overview import exams
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from story import Story, browser_of, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def of_zip(data: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(data)) as held:
        assert held.testzip() is None
        return {name: held.read(name) for name in held.namelist()}


def of_image(data: bytes) -> dict[str, bytes]:
    image = pycdlib.PyCdlib()
    image.open_fp(BytesIO(data))
    found = {}
    for folder, _, names in image.walk(iso_path="/"):
        for name in names:
            held = BytesIO()
            path = f"{folder.rstrip('/')}/{name}"
            image.get_file_from_iso_fp(held, iso_path=path)
            found[path[1:].partition(";")[0].rstrip(".")] = held.getvalue()
    image.close()
    return found


def taken(story: Story, medium: Medium) -> bytes:
    (study_id,) = {each.study_id for each in exams(story.party, at=clock.now())}
    leaving = download(story.party, study_id, now=clock.now, medium=medium)
    return b"".join(leaving.pieces)


def put_more(story: Story) -> int:
    """Add objects of every kind to the exam; return how many it then has."""
    number = 0
    for number, data in enumerate(dict(documents()).values(), 1):  # noqa: B007 (how many)
        made = dcmread(BytesIO(data))
        made.StudyInstanceUID = story.dataset.StudyInstanceUID
        made.PatientID, made.PatientName = story.dataset.PatientID, story.dataset.PatientName
        written = BytesIO()
        made.save_as(written)
        store(story.web, story.owner, written.getvalue())
    return number + 1


@pytest.mark.parametrize(("medium", "opened"), [("disc", of_zip), ("image", of_image)])
def test_a_disc_is_opened_by_its_directory_and_its_hashes_hold(
    story: Story, tmp_path: Path, medium: str, opened: Callable[[bytes], dict[str, bytes]]
) -> None:
    count = put_more(story)
    found = opened(taken(story, Medium(medium)))
    for name, data in found.items():
        place = tmp_path / name
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(data)
    listed = FileSet(tmp_path / "DICOMDIR")
    listed._stage["t"].cleanup()  # it is for writing, and would be left behind
    assert len(listed) == count
    uids = {str(each.load().SOPInstanceUID) for each in listed}
    assert str(story.dataset.SOPInstanceUID) in uids
    assert len(uids) == count
    lines = found["SHA256.TXT"].decode().splitlines()
    said = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert said == {
        name: hashlib.sha256(data).hexdigest()
        for name, data in found.items()
        if name != "SHA256.TXT"
    }
    assert PDF in {data for name, data in found.items() if name.startswith("REPORTS/")}
    assert "DUTIES.TXT" not in found
    (left,) = Disclosure.objects.filter(channel="download")
    assert left.result == "complete"
    assert left.pictures == count


def test_what_binds_a_recipient_is_on_the_disc(story: Story) -> None:
    recipient = shown_to(story, consultant(), may_download=True)
    leaving = download(recipient.party, story.study_id, now=clock.now, medium=Medium.DISC)
    found = of_zip(b"".join(leaving.pieces))
    assert b"Olga Owner" in found["DUTIES.TXT"]
    assert "DUTIES.JSO" in found


def test_what_is_withdrawn_on_the_way_ends_the_disc(story: Story) -> None:

    recipient = shown_to(story, consultant(), may_download=True)
    leaving = download(recipient.party, story.study_id, now=clock.now, medium=Medium.IMAGE)
    first = next(leaving.pieces)
    withdraw(story.party, recipient.received.consent_id, at=clock.now())
    rest = b"".join(leaving.pieces)
    pixels = bytes(story.dataset.PixelData)
    assert pixels[:1000] not in first + rest
    row = Disclosure.objects.get(channel="download")
    assert row.result == "partial"


def test_the_page_asks_one_thing_and_its_answer_is_a_disc(story: Story) -> None:
    browser = browser_of(story.owner, story.code())
    path = f"/exams/{to_text(story.study_id)}"
    assert f'href="{path}/disc/"' in browser.get(f"{path}/").content.decode()
    page = browser.get(f"{path}/disc/").content.decode()
    assert page.count('type="radio"') == 3
    for medium, name in (("image", "disc.iso"), ("disc", "disc.zip"), ("x", "exam.zip")):
        answer = browser.post(f"{path}/download/", {"medium": medium})
        assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
        assert len(answer.getvalue()) > 30_000
    assert Client().get(f"{path}/disc/").status_code == 302


def test_a_sealed_copy_opens_with_the_passphrase_of_the_page_alone(story: Story) -> None:
    browser = browser_of(story.owner, story.code())
    path = f"/exams/{to_text(story.study_id)}"
    page = browser.get(f"{path}/disc/").content.decode()
    (word,) = re.findall(r'name="passphrase" value="([^"]+)"', page)
    assert word not in browser.get(f"{path}/disc/").content.decode()
    weak = ("", "secret", word[:-1], word.upper(), "aaaaa-aaaaa-aaaaa-aaaaa")
    for each in weak:
        answer = browser.post(f"{path}/download/", {"medium": "sealed", "passphrase": each})
        assert answer.status_code == 422, each
    assert not Disclosure.objects.filter(channel="download").exists()
    answer = browser.post(f"{path}/download/", {"medium": "sealed", "passphrase": word})
    assert answer["Content-Disposition"] == 'attachment; filename="sealed.zip"'
    data = answer.getvalue()
    assert bytes(story.dataset.PixelData)[:200] not in data
    found = opened(data, word)
    assert bytes(story.dataset.PixelData) in found["DICOM/00000001"]
    assert {"DICOMDIR", "README.TXT", "SHA256.TXT"} < set(found)
    row = Disclosure.objects.get(channel="download")
    assert (row.result, row.pictures) == ("complete", 1)


def test_its_pages_show_the_pictures_in_any_browser(story: Story, tmp_path: Path) -> None:
    put_more(story)
    recipient = shown_to(story, consultant(), may_download=True)
    leaving = download(
        recipient.party, story.study_id, now=clock.now, medium=Medium.IMAGE, with_pages=True
    )
    found = of_image(b"".join(leaving.pieces))
    for name, data in found.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    assert "PICTURES/00000001.JPG" in found
    assert (
        f"{hashlib.sha256(found['INDEX.HTM']).hexdigest()}  INDEX.HTM"
        in found["SHA256.TXT"].decode()
    )
    asked: list[str] = []
    with sync_playwright() as player:
        chromium = player.chromium.launch(executable_path="/usr/bin/chromium")
        page = chromium.new_page()
        page.on("request", lambda each: asked.append(each.url))
        page.goto((tmp_path / "INDEX.HTM").as_uri())
        words = page.inner_text("body")
        sides = page.evaluate("[...document.images].map(each => each.naturalWidth)")
        page.screenshot(path=tmp_path / "page.png")
        chromium.close()
    assert "Not cleared for primary diagnosis" in words
    assert "Olga Owner" in words
    assert "{" not in words
    assert sides
    assert all(sides)
    assert all(each.startswith("file:///") for each in asked)
    with Image.open(tmp_path / "PICTURES" / "00000001.JPG") as picture:
        greys = picture.convert("L").tobytes()
    assert max(greys) - min(greys) > 50


def test_who_may_only_look_gets_no_disc(story: Story) -> None:
    recipient = shown_to(story, consultant())
    browser = browser_of(recipient.person, app_code(recipient.secret))
    assert browser.get(f"/exams/{to_text(story.study_id)}/disc/").status_code == 404
