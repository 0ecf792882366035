"""A person asks for images by a link; somebody without an account sends them, in real Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from journeys.people import Person
from journeys.steps import Steps
from safelight.dicom.phantom.exams import ChestExam, PhantomPatient, chest_slices
from safelight.exchange.release.papers.verify_receipt import LAST_LINE

if TYPE_CHECKING:
    from journeys.instance import Instance
    from journeys.pages import Watched

pytestmark = [pytest.mark.browser, pytest.mark.server]


@dataclass
class Asking(Steps):
    """The person at home, the sister with the disc, and the link between them."""

    lars: Person
    home: Watched
    elsewhere: Watched
    disc: Path
    link: str = ""
    words: str = ""


@pytest.fixture(scope="module")
def asking(
    instance: Instance, profile: Callable[..., Watched], tmp_path_factory: pytest.TempPathFactory
) -> Asking:
    lars = Person("Lars Brandt", "lars.brandt@people.example")
    instance.run(
        *("account", "create", "--email", lars.address, "--name", lars.name),
        *("--password-stdin", "--accept-statement"),
        said=f"{lars.password}\n",
    )
    disc = tmp_path_factory.mktemp("sisters-disc")
    for name, seed in (("Brandt^Lars", 21), ("Novak^Petr", 22)):
        patient = PhantomPatient(name=name, patient_id=f"P{seed}", birth_date="19740503")
        exam = ChestExam(patient=patient, seed=seed, slices=3, size=64)
        for number, data in enumerate(chest_slices(exam)):
            (disc / f"{seed}-{number}").write_bytes(data)
    (disc / "README.TXT").write_text("Insert the disc into a computer.")
    home = profile()
    lars.sign_in_first(home)
    return Asking(lars=lars, home=home, elsewhere=profile(), disc=disc)


def test_he_makes_a_link_and_gets_words_to_tell(asking: Asking) -> None:
    seen, page = asking.home, asking.home.page
    page.goto("/add/")
    page.get_by_role("link", name="Let others send images to you").click()
    seen.look("upload-links", "empty")
    page.get_by_role("link", name="Make a link").click()
    page.get_by_label("Who is to send?").fill("My sister Eva")
    page.get_by_label("What do you ask for?").fill("Please send the disc from spring.")
    page.get_by_label("A passphrase that I tell them myself").check()
    seen.look("upload-link-new")
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_role("heading", name="Your link is ready")).to_be_visible()
    asking.words = page.locator(".code-words").inner_text()
    asking.link = page.locator("#the-link").inner_text().strip()
    seen.look("upload-link")
    asking.done.add("link")


def test_she_opens_it_without_an_account_and_says_who_she_is(asking: Asking) -> None:
    asking.needs("link")
    seen, page = asking.elsewhere, asking.elsewhere.page
    page.goto(asking.link)
    expect(page.get_by_text("Your link is complete.")).to_be_visible()
    assert "#" not in page.url, "the secret leaves the address bar"
    seen.look("sender-open")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Lars Brandt asks you for images")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Please send the disc from spring.")
    assert "Eva" not in page.content(), "what he noted for himself stays with him"
    seen.look("sender-who")
    page.get_by_label("Your name").fill("Eva Brandt")
    page.get_by_label("Your e-mail address").fill("eva@brandt.example")
    page.get_by_label("What are you to the person").fill("His sister")
    page.get_by_label("Passphrase").fill(asking.words)
    page.get_by_role("button", name="Go on: choose the images").click()
    expect(page.locator(".errors")).to_contain_text("Say that you may send these")
    seen.forgive()
    seen.look("sender-who", "refused")
    page.get_by_label("I may send these images").check()
    page.get_by_role("button", name="Go on: choose the images").click()
    expect(page.get_by_role("heading", name="Send images to Lars Brandt")).to_be_visible()
    seen.look("sender-send", "pick")
    asking.done.add("named")


def test_she_sends_a_disc_and_keeps_a_signed_receipt(asking: Asking, instance: Instance) -> None:
    asking.needs("named")
    seen, page = asking.elsewhere, asking.elsewhere.page
    asked: list[str] = []
    seen.context.on("request", lambda request: asked.append(request.url))
    page.locator("input[webkitdirectory]").set_input_files(asking.disc)
    expect(page.get_by_role("heading", name="Check what is here")).to_be_visible()
    expect(page.locator("main")).to_contain_text("To Lars Brandt, who looks at it first.")
    page.get_by_label("I may send these to Lars Brandt").check()
    seen.look("upload", "by-link-review")
    page.get_by_role("button", name=re.compile("^Send 6")).click()
    expect(page.get_by_role("heading", name="Everything arrived")).to_be_visible(timeout=60_000)
    assert not [each for each in asked if "known" in each], "nothing is asked of what is stored"
    seen.look("upload", "by-link-done")
    page.get_by_role("link", name="Keep the receipt").click()
    expect(page.locator(".receipt")).to_contain_text(re.compile(r"Files that arrived\s*6"))
    seen.look("sender-receipt")
    with page.expect_download() as started:
        page.get_by_role("link", name="Signed receipt (PDF)").click()
    assert LAST_LINE.search(started.value.path().read_bytes())
    instance.letter(asking.lars.address, "Something was sent to you")
    asking.done.add("sent")


def test_she_can_read_nothing_back(asking: Asking) -> None:
    asking.needs("sent")
    seen, page = asking.elsewhere, asking.elsewhere.page
    for address in ("/exams/", "/inbox/", "/send-to-me/"):
        page.goto(address)
        assert "/account/sign-in/" in page.url
    answered = page.request.get("/dicomweb/studies")
    assert answered.status == 401
    seen.forgive()


def test_he_looks_at_it_and_takes_in_what_is_his(asking: Asking) -> None:
    asking.needs("sent")
    seen, page = asking.home, asking.home.page
    page.goto("/exams/")
    assert "Chest CT" not in page.content(), "nothing is his before he says so"
    page.goto("/send-to-me/")
    expect(page.locator("main")).to_contain_text("Waits for you")
    seen.look("upload-links")
    page.get_by_role("link", name=re.compile("^Look")).click()
    expect(page.get_by_text("Unconfirmed sender")).to_be_visible()
    expect(page.get_by_text("The name is not yours.")).to_have_count(1)
    seen.look("parcel")
    page.get_by_role("button", name="Add to my exams").click()
    expect(page.locator(".errors")).to_contain_text("Say who this is, or leave it out")
    seen.forgive()
    strange = page.get_by_role("group", name=re.compile("Petr Novak"))
    strange.get_by_label("Leave it out").check()
    page.get_by_role("button", name="Add to my exams").click()
    expect(page.get_by_text("Said yes.")).to_be_visible()
    for _ in range(60):
        if page.get_by_role("heading", name="It was added").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.get_by_role("heading", name="It was added")).to_be_visible()
    seen.look("parcel", "added")
    page.goto("/exams/")
    expect(page.locator("ul.films > li")).to_have_count(1)
    assert "Novak" not in page.content()
    asking.done.add("taken")


def test_he_closes_the_link_and_it_opens_nothing_more(asking: Asking) -> None:
    asking.needs("taken")
    home, page = asking.home, asking.home.page
    page.goto("/send-to-me/")
    page.get_by_role("button", name=re.compile("Close it")).click()
    expect(page.locator("main")).to_contain_text("Closed by you.")
    home.look("upload-links", "closed")
    seen, outside = asking.elsewhere, asking.elsewhere.page
    outside.goto("/")
    outside.goto(asking.link)
    outside.get_by_role("button", name="Go on").click()
    expect(outside.get_by_role("heading", name="That opens nothing")).to_be_visible()
    seen.forgive()
    seen.look("sender-open", "closed")
