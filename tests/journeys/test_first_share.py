"""From an empty machine to a shared exam that is taken back, in real Chromium.

Each step builds on those before it. A step that cannot begin because one before it
failed says which.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import expect

from journeys import sharing
from journeys.disc import CHEST, OWNER, Disc, as_shown
from journeys.instance import Instance
from journeys.pages import Watched
from journeys.people import Person
from journeys.sharing import Recipient
from journeys.viewing import canvas, picture_number, shown_exactly, wait_for_picture

pytestmark = [pytest.mark.browser, pytest.mark.server]

_COUNT_PRESSES = """
addEventListener('click', (event) => {
  if (event.isTrusted && event.detail !== 0) {
    sessionStorage.presses = 1 + Number(sessionStorage.presses ?? 0);
  }
}, true);
"""
# On a metered line the viewer fetches little ahead, so that pictures are left to be refused.
_SPARE_THE_LINE = """
Object.defineProperty(navigator, 'connection', {value: {saveData: true}});
"""


@dataclass
class Journey:
    """What the people of the story know so far."""

    jana: Person
    home: Watched
    doctor: Recipient
    surgery: Watched
    done: set[str] = field(default_factory=set)
    exam: str = ""
    words: str = ""
    grant_presses: int = 0
    share: str = ""

    def needs(self, step: str) -> None:
        if step not in self.done:
            pytest.skip(f"cannot begin: the step {step!r} before this one did not succeed")


@pytest.fixture(scope="module")
def journey(profile: Callable[..., Watched]) -> Journey:
    home, surgery = profile(), profile()
    home.context.add_init_script(_COUNT_PRESSES)
    surgery.context.add_init_script(_SPARE_THE_LINE)
    return Journey(
        jana=Person("Jana Lindgren", "jana.lindgren@people.example"),
        home=home,
        doctor=Recipient("Dr Otto Brandt", "otto.brandt@surgery.example"),
        surgery=surgery,
    )


def presses(seen: Watched) -> int:
    return int(seen.page.evaluate("Number(sessionStorage.presses ?? 0)"))


def test_a_visitor_reads_what_this_is_and_who_may_see_what(journey: Journey) -> None:
    seen = journey.home
    seen.page.goto("/")
    seen.look("welcome")
    seen.page.goto("/statement/")
    seen.look("statement")
    seen.page.goto("/account/sign-in/")
    seen.look("sign-in")


def test_nobody_gets_an_account_without_accepting_the_statement(
    journey: Journey, instance: Instance
) -> None:
    seen = journey.home
    journey.jana.apply(seen, accepts=False)
    expect(seen.page.get_by_role("heading", name="Open an account")).to_be_visible()
    expect(seen.page.get_by_role("checkbox")).not_to_be_checked()
    assert seen.page.locator("[aria-invalid], .field.bad, .errors").count()
    assert not instance.letters(journey.jana.address)
    seen.look("register", "refused")


def test_a_person_registers_and_proves_her_address(journey: Journey, instance: Instance) -> None:
    seen = journey.home
    seen.page.goto("/account/register/")
    seen.look("register")
    journey.jana.apply(seen)
    expect(seen.page.get_by_role("heading", name="Prove your address")).to_be_visible()
    seen.look("verify")
    journey.jana.prove_address(seen, instance)
    seen.page.wait_for_url("**/account/security/factors/add/")
    journey.done.add("registered")


def test_she_adds_a_second_step_before_anything_else_opens(journey: Journey) -> None:
    journey.needs("registered")
    seen = journey.home
    seen.page.goto("/exams/")
    assert seen.page.url.endswith("/account/security/factors/add/")
    seen.look("add-factor")
    journey.jana.add_app(seen)
    expect(seen.page.get_by_role("heading", name="Write these down")).to_be_visible()
    seen.look("recovery-codes")
    seen.page.get_by_role("link", name="I have written them down").click()
    expect(seen.page.get_by_text("Only you can see your images.").first).to_be_visible()
    seen.look("home", "empty")
    seen.page.goto("/exams/")
    seen.look("exams", "empty")
    journey.done.add("second step")


def test_she_reviews_her_disc_and_somebody_elses_files_are_left_out(
    journey: Journey, disc: Disc
) -> None:
    journey.needs("second step")
    seen, page = journey.home, journey.home.page
    page.goto("/add/")
    expect(page.get_by_text("A CD, DVD or folder")).to_be_visible()
    seen.look("upload", "pick")
    sent: list[str] = []
    seen.context.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    page.locator("input[webkitdirectory]").set_input_files(disc.folder)
    expect(page.get_by_role("heading", name="Check what is here")).to_be_visible()
    bodies = [each for each in sent if each.startswith("POST") and not each.endswith("/known")]
    assert not bodies, f"something was sent before the review was answered: {bodies}"
    foreign = page.locator("section.group.flag")
    expect(foreign).to_contain_text("Bruno Kowalczyk")
    for tick in foreign.get_by_role("checkbox").all():
        expect(tick).not_to_be_checked()
    expect(page.locator("section.group").first.get_by_label("All of it")).to_be_checked()
    expect(page.get_by_text(re.compile("left out", re.IGNORECASE)).first).to_be_visible()
    seen.look("upload", "review")
    journey.done.add("review")


def test_she_sends_what_is_hers_and_gets_a_receipt(journey: Journey) -> None:
    journey.needs("review")
    seen, page = journey.home, journey.home.page
    send = page.get_by_role("button", name=re.compile("^Send"))
    send.click()
    expect(page.locator(".errors")).to_contain_text("Confirm that you may add these")
    page.get_by_label("These are mine, or of someone I may act for").check()
    send.click()
    expect(page.get_by_role("heading", name="Everything is safe")).to_be_visible(timeout=60_000)
    expect(page.locator(".receipt")).to_contain_text(re.compile(r"New\s*25"))
    seen.look("upload", "done")
    page.get_by_role("link", name="Keep the receipt").click()
    expect(page.locator(".receipt")).to_contain_text("25")
    seen.look("receipt")
    journey.done.add("uploaded")


def test_she_finds_her_exams_and_nothing_of_the_other_person(journey: Journey) -> None:
    journey.needs("uploaded")
    seen, page = journey.home, journey.home.page
    page.goto("/exams/")
    expect(page.locator("ul.films > li")).to_have_count(2)
    assert "Kowalczyk" not in page.content()
    seen.look("exams")
    page.goto("/")
    seen.look("home", "dark")
    page.goto("/exams/")
    page.get_by_role("link", name=re.compile("Chest CT")).click()
    expect(page.get_by_text("Jana Lindgren")).to_be_visible()
    journey.exam = page.url
    seen.look("exam")
    journey.done.add("found")


def test_she_sees_the_pictures_exactly_as_they_were_made(journey: Journey, disc: Disc) -> None:
    journey.needs("found")
    seen, page = journey.home, journey.home.page
    page.goto(f"{journey.exam}view/?series={disc.soft_uid}")
    for number in (2, 6, 11):
        page.locator("#n").fill(str(number))
        wait_for_picture(page, number)
        shown = shown_exactly(page, CHEST.size, CHEST.size)
        # Picture 1 is the one that carries the number 1, as reports count.
        wanted = as_shown(disc.soft[number - 1], 40, 400)
        difference = abs(shown.astype(int) - wanted.astype(int)).mean()
        assert difference < 1, f"picture {number} differs by {difference:.2f} of 255 on average"
    seen.look("viewer")
    journey.done.add("viewed")


def test_she_shares_one_series_with_a_doctor_who_has_no_account(journey: Journey) -> None:
    journey.needs("found")
    seen, page = journey.home, journey.home.page
    page.goto(journey.exam)
    before = presses(seen)
    sharing.choose_what(seen, "soft tissue")
    seen.look("share-who")
    page.go_back()
    seen.look("share-what")
    page.go_forward()
    sharing.choose_whom(seen, journey.doctor)
    seen.look("share-why")
    sharing.choose_why(seen)
    expect(page.get_by_role("heading", name="Check, then share")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Dr Otto Brandt")
    seen.look("share-check")
    journey.jana.confirm(seen, "Confirm and let Dr Otto Brandt look")
    expect(page.get_by_role("heading", name="Dr Otto Brandt can look")).to_be_visible()
    journey.words = sharing.passphrase(seen)
    journey.grant_presses = presses(seen) - before
    seen.look("share-done")
    page.reload()
    assert journey.words not in page.content(), "the words are shown once only"
    page.goto("/")
    seen.look("home", "lit")
    journey.done.add("shared")


def test_the_doctor_proves_the_address_and_sees_that_series_only(
    journey: Journey, instance: Instance, disc: Disc
) -> None:
    journey.needs("shared")
    seen, page, doctor = journey.surgery, journey.surgery.page, journey.doctor
    invitation = instance.letter(doctor.address, sharing.INVITATION)
    assert "Jana" not in invitation.text
    assert "Chest" not in invitation.text
    page.goto(invitation.link())
    assert OWNER.name.partition("^")[0] not in page.content()
    seen.look("share-open")
    sharing.open_link(seen, invitation)
    expect(page.get_by_label("Code from the e-mail")).to_be_visible()
    assert "Jana" not in page.content(), "who shares is shown after the proof"
    seen.look("share-prove")
    code = instance.letter(doctor.address, sharing.CODE).code()
    wrong = str((int(code) + 1) % 1_000_000).zfill(6)
    sharing.prove(seen, wrong, journey.words)
    expect(page.get_by_role("heading", name="That is not right")).to_be_visible()
    seen.look("share-prove", "wrong")
    sharing.prove(seen, code, journey.words)
    expect(page.get_by_role("heading", name="Jana Lindgren is letting you look")).to_be_visible()
    expect(page.get_by_text("soft tissue")).to_be_visible()
    assert disc.lung_uid not in page.content()
    seen.look("shared-exams")
    journey.share = page.url.removesuffix("exams/")
    journey.done.add("opened")


def test_the_doctor_looks_at_it_in_the_viewer(journey: Journey, disc: Disc) -> None:
    journey.needs("opened")
    seen, page = journey.surgery, journey.surgery.page
    page.get_by_role("link", name="Look at the pictures").click()
    number = picture_number(page)
    shown = shown_exactly(page, CHEST.size, CHEST.size)
    wanted = as_shown(disc.soft[number - 1], 40, 400)
    assert abs(shown.astype(int) - wanted.astype(int)).mean() < 1
    seen.look("viewer", "shared")
    root = page.locator("#stage").get_attribute("data-root")
    study = page.locator("#stage").get_attribute("data-study")
    statuses = page.evaluate(
        "(addresses) => Promise.all("
        "addresses.map((each) => fetch(each).then(({status}) => status)))",
        [
            f"{root}/studies/{study}/series/{disc.soft_uid}/metadata",
            f"{root}/studies/{study}/series/{disc.lung_uid}/metadata",
            f"{root}/studies/{study}/series/{disc.lung_uid}/thumbnail",
            f"/dicomweb/studies/{study}/series/{disc.soft_uid}/metadata",
        ],
    )
    assert statuses[0] == 200
    assert statuses[1:3] == [404, 404]
    assert statuses[3] in {401, 404}
    seen.forgive()
    journey.done.add("doctor looked")


def test_the_link_passed_on_to_somebody_else_opens_nothing(
    journey: Journey, instance: Instance, profile: Callable[..., Watched]
) -> None:
    journey.needs("doctor looked")
    invitation = instance.letter(journey.doctor.address, sharing.INVITATION)
    third = profile()
    sharing.open_link(third, invitation)
    body = third.page.content()
    for told in ("Jana", "Lindgren", "Chest", journey.doctor.address, OWNER.patient_id):
        assert told not in body
    third.page.goto(f"{journey.share}exams/")
    assert "Jana" not in third.page.content()
    used = instance.letter(journey.doctor.address, sharing.CODE).code()
    third.page.goto(f"{journey.share}prove/")
    sharing.prove(third, used, "wrong words of nobody")
    assert "Jana" not in third.page.content()
    third.look("share-prove", "forwarded")


def test_the_owner_sees_who_looked_and_who_can_see(journey: Journey, instance: Instance) -> None:
    journey.needs("doctor looked")
    instance.letter(journey.jana.address, "opened")
    seen, page = journey.home, journey.home.page
    page.goto("/activity/")
    line = page.locator("li.act").filter(has_text="Dr Otto Brandt").filter(has_text="looked at")
    expect(line.first).to_contain_text("Chest CT")
    expect(line.first).to_contain_text("under your consent")
    seen.look("activity")
    page.goto(f"{journey.exam}activity/")
    seen.look("exam-activity")
    page.goto(journey.exam)
    expect(page.locator("main")).to_contain_text("Dr Otto Brandt")
    seen.look("exam", "shared")
    page.goto("/access/")
    expect(page.locator("article.access").first).to_contain_text("Dr Otto Brandt")
    seen.look("access")


def test_she_takes_it_back_in_fewer_steps_than_she_gave_it(journey: Journey) -> None:
    journey.needs("doctor looked")
    seen, page = journey.home, journey.home.page
    page.goto("/access/")
    before = presses(seen)
    page.locator("summary", has_text="Take back").click()
    page.get_by_role("button", name="Yes, take it back").click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    taken = presses(seen) - before
    assert taken < journey.grant_presses, f"{taken} presses against {journey.grant_presses}"
    seen.look("access", "ended")
    page.goto("/")
    expect(page.locator(".lampbar")).to_contain_text("Only you can see your images.")
    journey.done.add("taken back")


def test_the_doctors_next_picture_is_refused_and_the_viewer_goes_dark(journey: Journey) -> None:
    journey.needs("taken back")
    seen, page = journey.surgery, journey.surgery.page
    assert page.evaluate("window.safelightViewer.ended") is False
    with page.expect_response(re.compile("/frames/")) as answer:
        page.keyboard.press("Home")
    assert answer.value.status in {404, 410}, answer.value.status
    expect(page.get_by_text("This share has ended or you were signed out.")).to_be_visible()
    assert page.evaluate("window.safelightViewer.ended") is True
    assert not canvas(page).any(), "pictures are still on the canvas"
    expect(page.locator(".strip img")).to_have_count(0)
    seen.forgive()
    seen.look("viewer", "ended")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("This cannot be opened")
    expect(page.locator("main")).to_contain_text("taken back")
    seen.forgive()
    seen.look("share-ended")
