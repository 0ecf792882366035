"""Can a person take an exam home, and remove one that was a mistake?"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from pydicom import dcmread

if TYPE_CHECKING:
    from journeys.disc import Disc
    from journeys.pages import Watched

pytestmark = [pytest.mark.browser, pytest.mark.server]


def test_an_exam_goes_home_as_a_zip_whose_hashes_hold(at_nora: Watched, disc: Disc) -> None:
    page = at_nora.page
    page.goto("/exams/")
    page.get_by_role("link", name=re.compile("Chest CT")).click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Download", exact=True).click()
    with zipfile.ZipFile(Path(started.value.path())) as taken:
        files = {name: taken.read(name) for name in taken.namelist()}
    (sums,) = (name for name in files if name.endswith("SHA256SUMS.txt"))
    named = [line.split(maxsplit=1) for line in files[sums].decode().splitlines()]
    assert len(named) >= len(disc.soft) + len(disc.lung)
    for digest, name in named:
        data = files[name.removeprefix("*")]
        assert hashlib.sha256(data).hexdigest() == digest, name
    sent = {str(dcmread(io.BytesIO(each)).SOPInstanceUID): each for each in disc.soft + disc.lung}
    home = {}
    for name, data in files.items():
        if data[128:132] == b"DICM" and not name.endswith("DICOMDIR"):
            home[str(dcmread(io.BytesIO(data)).SOPInstanceUID)] = data
    # What she added to this exam on another day goes home with it.
    assert home.keys() >= sent.keys()
    for uid, data in sent.items():
        assert dcmread(io.BytesIO(home[uid])) == dcmread(io.BytesIO(data))


def test_a_removed_exam_is_gone_and_can_be_brought_back(at_nora: Watched) -> None:
    page = at_nora.page
    page.goto("/exams/")
    before = page.locator("ul.films > li").count()
    page.get_by_role("link", name=re.compile("Circle")).click()
    address = page.url
    page.locator("summary", has_text="Remove").click()
    page.get_by_role("button", name="Yes, remove it").click()
    expect(page.get_by_text("An exam of yours, or a part of one, was removed")).to_be_visible()
    expect(page.locator("ul.films > li")).to_have_count(before - 1)
    at_nora.look("exams", "removed")
    assert page.goto(address).status == 404  # type: ignore[union-attr]
    at_nora.forgive()
    at_nora.look("not-found")
    page.goto("/exams/")
    page.get_by_role("button", name="Bring it back").click()
    expect(page.get_by_text("The exam is back.")).to_be_visible()
    assert page.url == address
    page.goto("/exams/")
    expect(page.locator("ul.films > li")).to_have_count(before)
