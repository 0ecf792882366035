"""Can somebody share a copy that does not say whose it is, on a telephone, and is it looked at?"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from journeys import sharing
from journeys.people import Person
from journeys.sharing import Recipient

if TYPE_CHECKING:
    from journeys.instance import Instance
    from journeys.pages import Watched

pytestmark = [pytest.mark.browser, pytest.mark.server]

DESK: ViewportSize = {"width": 1280, "height": 800}
TELEPHONE: ViewportSize = {"width": 390, "height": 844}


def test_a_copy_is_made_looked_at_shared_and_opened_without_a_name(
    instance: Instance, profile: Callable[..., Watched], stock: Callable[[Person], None]
) -> None:
    runa = Person("Runa Solberg", "runa.solberg@people.example")
    instance.run(
        *("account", "create", "--email", runa.address, "--name", runa.name),
        *("--password-stdin", "--accept-statement"),
        said=f"{runa.password}\n",
    )
    stock(runa)
    seen = profile()
    page = seen.page
    runa.sign_in_first(seen)
    page.set_viewport_size(TELEPHONE)
    page.goto("/exams/")
    page.get_by_role("link", name=re.compile("Chest CT")).click()
    page.get_by_role("button", name="Share this exam").click()
    page.get_by_role("checkbox", name=re.compile("lung")).check()
    page.get_by_role("button", name="Leave my name out of it").click()
    seen.look("share-form")
    page.get_by_role("radio", name=re.compile("A copy without my name")).check()
    page.get_by_role("button", name="Go on").click()
    _wait_until_ready(page)
    seen.look("share-form", "ready")
    dialog = page.url
    page.get_by_role("link", name="Look at the copy").click()
    expect(page.get_by_text("This is a copy without a name.")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("Solberg")
    seen.look("exam", "copy")
    page.goto(dialog)
    page.get_by_role("link", name="Go on: to whom?").click()
    teacher = Recipient("Prof Ida Weiss", "ida.weiss@university.example")
    sharing.choose_whom(seen, teacher)
    sharing.choose_why(seen)
    expect(page.locator(".consent-words")).to_contain_text("a copy without a name of")
    expect(page.locator(".consent-words")).to_contain_text("a face")
    seen.look("share-check", "copy")
    runa.confirm(seen, "Confirm and let Prof Ida Weiss look")
    expect(page.get_by_role("heading", name="Prof Ida Weiss can look")).to_be_visible()
    words = sharing.passphrase(seen)
    _open(profile(), instance, teacher, words)


def _open(theirs: Watched, instance: Instance, teacher: Recipient, words: str) -> None:
    letter = instance.letter(teacher.address, sharing.INVITATION)
    assert "Runa" not in str(letter)
    sharing.open_link(theirs, letter)
    expect(theirs.page.get_by_label("Code from the e-mail")).to_be_visible()
    sharing.prove(theirs, instance.letter(teacher.address, sharing.CODE).code(), words)
    heading = "Somebody who is not named is letting you look"
    expect(theirs.page.get_by_role("heading", name=heading)).to_be_visible()
    for size in (DESK, TELEPHONE):
        theirs.page.set_viewport_size(size)
        _tells_no_name(theirs)
    theirs.look("shared-exams", "copy")
    theirs.page.get_by_role("link", name="Look at the pictures").click()
    first = theirs.page.locator("[data-part=first]")
    expect(first).to_be_visible()
    _tells_no_name(theirs)


def _wait_until_ready(page: Page) -> None:
    ready = page.get_by_role("heading", name="Your copy is ready")
    for _ in range(30):
        expect(page.get_by_role("heading", name=re.compile("^Your copy is"))).to_be_visible()
        if ready.is_visible():
            return
        page.wait_for_timeout(1000)
        page.get_by_role("link", name="See whether it is ready").click()
        page.wait_for_load_state("load")
    expect(ready).to_be_visible()


def _tells_no_name(seen: Watched) -> None:
    said = seen.page.content() + seen.page.title() + seen.page.url
    assert re.search("runa|solberg", said, re.IGNORECASE) is None
