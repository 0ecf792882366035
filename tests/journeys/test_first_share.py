"""From an empty machine to a shared exam, in real Chromium. What follows stands beside it.

Each step builds on those before it. A step that cannot begin because one before it
failed says which.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from journeys import sharing
from journeys.disc import CHEST, Disc, as_shown
from journeys.journey import Journey, presses
from journeys.viewing import shown_exactly, wait_for_picture

if TYPE_CHECKING:
    from journeys.instance import Instance

pytestmark = [pytest.mark.browser, pytest.mark.server]


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
    alone = seen.page.get_by_text("Only you can see the images in your account.")
    expect(alone.first).to_be_visible()
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
    expect(foreign).not_to_be_visible()
    page.locator(".note.bad").get_by_role("link", name=re.compile("Bruno Kowalczyk")).click()
    expect(foreign).to_be_visible()
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
    expect(page.get_by_text("Please tick this first.")).to_be_in_viewport()
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
