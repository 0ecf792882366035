"""A doctor may not pass it on, asks the patient, and then may: to one person, for one purpose."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from journeys import sharing
from journeys.people import Person
from journeys.steps import Steps
from journeys.viewing import wait_for_picture

if TYPE_CHECKING:
    from journeys.instance import Instance
    from journeys.pages import Watched

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.long]

_SUBMIT = """(address) => {
  const form = document.createElement('form');
  form.method = 'post';
  form.action = address;
  form.append(document.querySelector('input[name=csrfmiddlewaretoken]').cloneNode());
  document.body.append(form);
  form.submit();
}"""
OTTO = sharing.Recipient("Dr Otto Marx", "otto.marx@clinic.example")


@dataclass
class Chain(Steps):
    """The patient, the doctor she knows and the doctor that one knows, each at their browser."""

    maja: Person
    home: Watched
    anna: Person
    surgery: Watched
    clinic: Watched
    exam: str = ""


@pytest.fixture(scope="module")
def chain(
    instance: Instance, profile: Callable[..., Watched], stock: Callable[[Person], None]
) -> Chain:
    maja = Person("Maja Holm", "maja.holm@people.example")
    anna = Person("Dr Anna Weber", "anna.weber@surgery.example")
    for person, kind in ((maja, ()), (anna, ("--kind", "provider", "--organization", "Surgery"))):
        instance.run(
            *("account", "create", "--email", person.address, "--name", person.name),
            *(*kind, "--password-stdin", "--accept-statement"),
            said=f"{person.password}\n",
        )
    stock(maja)
    found = Chain(maja=maja, home=profile(), anna=anna, surgery=profile(), clinic=profile())
    maja.sign_in_first(found.home)
    anna.sign_in_first(found.surgery)
    return found


def test_the_patient_shows_one_series_to_her_doctor(chain: Chain, instance: Instance) -> None:
    page = chain.home.page
    page.goto("/exams/")
    page.get_by_role("link", name=re.compile("Chest|CT")).first.click()
    sharing.choose_what(chain.home, "soft tissue")
    sharing.choose_whom(chain.home, sharing.Recipient(chain.anna.name, chain.anna.address))
    sharing.choose_why(chain.home)
    chain.maja.confirm(chain.home, "Confirm and let Dr Anna Weber look")
    words = sharing.passphrase(chain.home)

    there = chain.surgery.page
    sharing.open_link(chain.surgery, instance.letter(chain.anna.address, sharing.INVITATION))
    there.get_by_label("Passphrase").fill(words)
    there.get_by_label("I will use these pictures for this purpose only.").check()
    there.get_by_role("button", name="Open the exam").click()
    expect(there.get_by_text("Do not pass it on: nobody agreed to that.")).to_be_visible()
    chain.surgery.look("shared-exams", "account")
    there.goto("/inbox/")
    chain.surgery.look("inbox")
    there.locator("tbody a").first.click()
    there.wait_for_url("**/exams/*/")
    chain.exam = there.url
    chain.surgery.look("exam", "received")
    chain.done.add("shown")


def test_the_doctor_cannot_pass_it_on_and_asks_the_patient(
    chain: Chain, instance: Instance
) -> None:
    chain.needs("shown")
    seen, page = chain.surgery, chain.surgery.page
    expect(page.get_by_role("button", name="Pass it on")).to_have_count(0)
    page.evaluate(_SUBMIT, f"{chain.exam}pass-on/")
    expect(page.get_by_role("heading", name="Nothing was passed on")).to_be_visible()
    seen.forgive()
    seen.look("pass-on", "refused")
    page.get_by_role("link", name="Ask the patient").click()
    page.get_by_role("radio", name="A second opinion").check()
    page.get_by_label("Their name").fill(OTTO.name)
    page.get_by_label("Their e-mail address").fill(OTTO.address)
    page.get_by_label("Say why, in a sentence or two").fill("He knows more of lungs than I do.")
    seen.look("ask-patient")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("The patient was asked.")).to_be_visible()
    letter = instance.letter(chain.maja.address, "Somebody asks you for a consent")
    assert "Anna" not in letter.text
    chain.done.add("asked")


def test_the_patient_reads_who_asks_and_agrees_to_exactly_that(chain: Chain) -> None:
    chain.needs("asked")
    seen, page = chain.home, chain.home.page
    page.goto("/")
    expect(page.get_by_text("Dr Anna Weber asks you for a consent.")).to_be_visible()
    page.get_by_role("link", name="Read what they ask for").click()
    expect(page.get_by_text("He knows more of lungs than I do.")).to_be_visible()
    seen.look("request")
    page.get_by_role("button", name="Read and change it, then decide").click()
    page.get_by_role("radio", name=re.compile("^It adds")).check()
    page.get_by_role("button", name="Go on: read and check").click()
    expect(page.locator(".words")).to_contain_text("may pass it on, in your name and once only")
    expect(page.locator(".words")).to_contain_text(OTTO.address)
    chain.maja.confirm(seen, "Confirm and let Dr Anna Weber look")
    expect(page.get_by_role("heading", name="Dr Anna Weber can look")).to_be_visible()
    chain.done.add("granted")


def test_now_the_doctor_passes_it_on_to_the_one_who_was_named(
    chain: Chain, instance: Instance
) -> None:
    chain.needs("granted")
    seen, page = chain.surgery, chain.surgery.page
    page.goto("/inbox/")
    expect(page.get_by_text("Granted", exact=True)).to_be_visible()
    page.goto(chain.exam)
    page.get_by_role("button", name="Pass it on, as was agreed").click()
    seen.look("pass-on")
    for tick in page.get_by_role("checkbox").all():
        tick.check()
    for choice in ("Dr Otto Marx", "A doctor", "A second opinion", "No second check"):
        page.get_by_role("radio", name=re.compile(choice)).check()
    page.get_by_role("button", name="Go on: read and check").click()
    expect(page.locator(".words")).to_contain_text("passing on what Maja Holm let you see")
    seen.look("pass-on-check")
    chain.anna.confirm(seen, "Confirm and let Dr Otto Marx look")
    expect(page.get_by_role("heading", name="Dr Otto Marx can look")).to_be_visible()

    there = chain.clinic.page
    sharing.open_link(chain.clinic, instance.letter(OTTO.address, sharing.INVITATION))
    code = instance.letter(OTTO.address, sharing.CODE).code()
    there.get_by_label("Code from the e-mail").fill(code)
    there.get_by_label("I will use these pictures for this purpose only.").check()
    there.get_by_role("button", name="Open the exam").click()
    expect(there.get_by_text("Passed on by Dr Anna Weber, as Maja Holm agreed")).to_be_visible()
    there.get_by_role("link", name="Look at the pictures").first.click()
    expect(there.get_by_text("Do not pass on")).to_be_visible()
    wait_for_picture(there)
    chain.clinic.look("viewer", "bound")
    chain.done.add("passed on")


def test_the_patient_sees_each_hop_and_takes_back_the_last_alone(chain: Chain) -> None:
    chain.needs("passed on")
    seen, page = chain.home, chain.home.page
    page.goto("/activity/")
    main = page.locator("main")
    expect(main).to_contain_text("Dr Anna Weber tried to pass on")
    expect(main).to_contain_text(
        re.compile("Dr Anna Weber passed on .* to Dr Otto Marx", re.DOTALL)
    )
    looked = main.get_by_role("listitem").filter(has_text="Dr Otto Marx looked at").first
    expect(looked).to_contain_text("passed on by Dr Anna Weber")
    expect(looked.get_by_role("link", name="as you agreed")).to_be_visible()
    seen.look("activity", "hops")
    page.goto("/access/")
    row = page.locator("article.access", has_text="Passed on by Dr Anna Weber, as you agreed")
    expect(row).to_contain_text("Dr Otto Marx")
    row.get_by_text("Take back").first.click()
    row.get_by_role("button", name="Yes, take it back").click()
    expect(page.get_by_text("Taken back.")).to_be_visible()

    there = chain.clinic.page
    there.reload()
    expect(there.get_by_text("This was taken back")).to_be_visible()
    chain.surgery.page.goto(chain.exam)
    expect(
        chain.surgery.page.get_by_role("button", name="Pass it on, as was agreed")
    ).to_be_visible()
