"""A report goes to a lawyer with the right warnings; nothing with a name goes to the public."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from pydicom import dcmread
from pydicom.uid import generate_uid

from journeys import sharing
from journeys.sharing import Recipient

if TYPE_CHECKING:
    from pathlib import Path

    from journeys.disc import Disc
    from journeys.instance import Instance
    from journeys.pages import Watched
    from journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.server]

CLINIC = "Harbour Clinic"
_PDF = b"%PDF-1.7\n1 0 obj <</Type/Catalog>> endobj\nstartxref\n9\n%%EOF\n"
_PIXELS = (
    *("Rows", "Columns", "SamplesPerPixel", "PhotometricInterpretation", "PixelData"),
    *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
)


@pytest.fixture(scope="module")
def report(disc: Disc, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a report of the chest as a document in a series of its own."""
    dataset = dcmread(io.BytesIO(disc.soft[0]))
    for name in _PIXELS:
        if name in dataset:
            delattr(dataset, name)
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.104.1"
    dataset.SOPInstanceUID, dataset.SeriesInstanceUID = generate_uid(), generate_uid()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.Modality, dataset.SeriesDescription = "DOC", "Findings"
    dataset.DocumentTitle, dataset.BurnedInAnnotation = "Findings", "YES"
    dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
    dataset.EncapsulatedDocument = _PDF + b"\0" * (len(_PDF) % 2)
    path = tmp_path_factory.mktemp("report") / "REPORT.DCM"
    dataset.save_as(path)
    return path


@pytest.fixture(scope="module")
def hers(instance: Instance, nora: Person, at_nora: Watched, report: Path) -> Watched:
    """Return Nora's browser, with her report there, and make the clinic known."""
    instance.run("import", "--account", nora.address, str(report))
    instance.run(
        *("account", "create", "--email", "desk@harbour.example", "--name", "Dr Kim Sand"),
        *("--kind", "provider", "--organization", CLINIC),
        *("--password-stdin", "--accept-statement"),
        said="nine lamps over the harbour\n",
    )
    return at_nora


def to_the_exam(seen: Watched) -> None:
    seen.page.goto("/exams/")
    seen.page.get_by_role("link", name=re.compile("Chest CT")).first.click()


def test_the_report_alone_goes_to_a_lawyer_with_the_warnings_that_fit(
    instance: Instance, nora: Person, hers: Watched, profile: Callable[..., Watched]
) -> None:
    page = hers.page
    lawyer = Recipient("Lea Anders", "lea.anders@law.example")
    to_the_exam(hers)
    page.get_by_role("button", name="Share this exam").click()
    page.get_by_role("checkbox", name=re.compile("Include the report")).check()
    page.get_by_role("button", name="Go on: to whom?").last.click()
    page.get_by_label("Their name").fill(lawyer.name)
    page.get_by_label("Their e-mail address", exact=True).fill(lawyer.address)
    page.get_by_label("The address once more").fill(lawyer.address)
    page.get_by_role("radio", name="A lawyer").check()
    page.get_by_role("button", name="Go on: why and how long?").last.click()
    hers.look("share-why")
    page.get_by_role("radio", name="A legal matter").check()
    page.get_by_role("radio", name=re.compile("^Look They see")).check()
    page.get_by_role("radio", name=re.compile("passphrase", re.IGNORECASE)).check()
    page.get_by_role("button", name="Go on: read and check").click()
    caution = page.locator(".caution")
    expect(caution).to_contain_text("Lea Anders is not a health professional in this matter")
    expect(caution).to_contain_text("may have to be shown to the other side")
    expect(page.locator(".words")).to_contain_text("may have to be shown to the other side")
    hers.look("share-check", "lawyer")
    nora.confirm(hers, "Confirm and let Lea Anders look")
    expect(page.get_by_role("heading", name="Lea Anders can look")).to_be_visible()
    hers.look("share-done", "lawyer")
    words = sharing.passphrase(hers)

    office = profile()
    sharing.type_printed_code(office, instance.letter(lawyer.address, sharing.INVITATION))
    expect(office.page.get_by_label("Code from the e-mail")).to_be_visible()
    sharing.prove(office, instance.letter(lawyer.address, sharing.CODE).code(), words)
    expect(office.page.get_by_role("heading", name="Nora Vega is letting you look")).to_be_visible()
    shown = office.page.locator("main")
    expect(shown).to_contain_text("Document")
    expect(shown).not_to_contain_text("soft tissue")
    expect(shown.get_by_role("link", name="Look at the pictures")).to_have_count(0)


def test_single_pictures_are_chosen_by_number(hers: Watched) -> None:
    page = hers.page
    to_the_exam(hers)
    page.get_by_role("button", name="Share this exam").click()
    page.get_by_role("button", name=re.compile("Choose single pictures.*soft tissue")).click()
    page.get_by_role("checkbox", name="Picture 2", exact=True).check()
    page.get_by_role("button", name="Keep this choice").last.click()
    expect(page.get_by_text("One single picture chosen")).to_be_visible()
    hers.look("share-what", "single")
    page.get_by_role("button", name="Go on: to whom?").last.click()
    hers.look("share-who")


def test_what_shows_her_name_cannot_be_published_to_everybody(hers: Watched) -> None:
    page = hers.page
    to_the_exam(hers)
    page.get_by_role("button", name="Publish to a group or institution").click()
    hers.look("publish-what")
    page.get_by_role("checkbox", name=re.compile("soft tissue")).check()
    page.get_by_role("button", name="Go on: to whom?").last.click()
    page.get_by_role("link", name="The public").click()
    expect(page.locator("main")).to_contain_text("nothing is made public here")
    expect(page.get_by_role("button", name=re.compile("Go on"))).to_have_count(0)
    hers.look("publish-who", "public")
    # Somebody who writes the form by hand is refused as well.
    csrf = page.locator("form input[name=csrfmiddlewaretoken]").first.input_value()
    answer = page.request.post(
        page.url.partition("?")[0],
        form={"csrfmiddlewaretoken": csrf, "audience": "public"},
        headers={"Referer": page.url},
    )
    assert answer.status == 422
    assert "nothing is made public here" in answer.text()


def test_she_publishes_to_an_institution_and_withdraws(nora: Person, hers: Watched) -> None:
    page = hers.page
    to_the_exam(hers)
    page.get_by_role("button", name="Publish to a group or institution").click()
    page.get_by_role("checkbox", name=re.compile("soft tissue")).check()
    page.get_by_role("button", name="Go on: to whom?").last.click()
    page.get_by_label("Its name").fill("Harbour")
    page.get_by_role("radio", name=re.compile("Everybody who works there")).check()
    page.get_by_role("button", name="Go on: why and how long?").click()
    expect(page.locator(".errors")).to_contain_text("no institution by exactly this name")
    hers.forgive()
    page.get_by_label("Its name").fill(CLINIC)
    page.get_by_role("radio", name=re.compile("Everybody who works there")).check()
    page.get_by_role("button", name="Go on: why and how long?").click()
    page.get_by_role("radio", name="Teaching").check()
    page.get_by_role("radio", name=re.compile("^Look They see")).check()
    page.get_by_role("button", name="Go on: read and check").click()
    expect(page.get_by_role("heading", name="Check, then publish")).to_be_visible()
    expect(page.locator(".words")).to_contain_text(f"everybody who works at {CLINIC}")
    hers.look("publish-check")
    nora.confirm(hers, f"Confirm and let {CLINIC} look")
    page.goto("/access/")
    row = page.locator("article.access", has=page.get_by_role("heading", name=CLINIC)).first
    expect(row).to_contain_text("Published")
    row.locator("summary", has_text="1 person").click()
    expect(row).to_contain_text("Dr Kim Sand")
    hers.look("access", "published")
    row.locator("summary", has_text="Withdraw").click()
    row.get_by_role("button", name="Yes, withdraw it").click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
