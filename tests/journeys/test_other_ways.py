"""Can the main things be done with a passkey, and without any script?"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from journeys import sharing
from journeys.people import Person
from journeys.sharing import Recipient

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from journeys.instance import Instance
    from journeys.pages import Watched

pytestmark = [pytest.mark.browser, pytest.mark.server]


def _with_authenticator(seen: Watched) -> None:
    control = seen.context.new_cdp_session(seen.page)
    control.send("WebAuthn.enable")
    control.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
            }
        },
    )


def _sign_by_hand(page: Page) -> None:
    """Draw two strokes, and see them stand beside the words."""
    page.get_by_role("link", name="Sign by hand, too").click()
    field = page.locator("canvas").bounding_box()
    assert field is not None
    for start in (0.1, 0.5):
        page.mouse.move(field["x"] + field["width"] * start, field["y"] + 20)
        page.mouse.down()
        page.mouse.move(field["x"] + field["width"] * (start + 0.3), field["y"] + 60, steps=6)
        page.mouse.up()
    page.get_by_role("button", name="Keep this signature and read on").click()
    expect(page.get_by_role("img", name="Your signature as you drew it")).to_be_visible()


def test_a_passkey_signs_exactly_what_is_shared(
    instance: Instance, profile: Callable[..., Watched], stock: Callable[[Person], None]
) -> None:
    petra = Person("Petra Holm", "petra.holm@people.example")
    seen = profile()
    _with_authenticator(seen)
    petra.apply(seen)
    petra.prove_address(seen, instance)
    stock(petra)
    page = seen.page
    page.get_by_role("link", name="Make a passkey").click()
    seen.look("add-passkey")
    page.get_by_label("Name").fill("My computer")
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_role("link", name="I have written them down").click()
    page.goto("/exams/")
    page.get_by_role("link", name=re.compile("Chest CT")).click()
    doctor = Recipient("Dr Ines Faro", "ines.faro@surgery.example")
    sharing.choose_what(seen, "lung")
    sharing.choose_whom(seen, doctor)
    sharing.choose_why(seen)
    _sign_by_hand(page)
    seen.look("share-check", "passkey")
    page.get_by_role("button", name="Confirm with a passkey and let Dr Ines Faro look").click()
    expect(page.get_by_role("heading", name="Dr Ines Faro can look")).to_be_visible()
    instance.letter(doctor.address, sharing.INVITATION)
    page.goto("/account/security/")
    expect(page.get_by_text("My computer")).to_be_visible()
    seen.look("security")


def test_a_share_is_given_opened_and_taken_back_without_any_script(
    instance: Instance, nora: Person, at_nora: Watched, profile: Callable[..., Watched]
) -> None:
    assert at_nora.page.url, "she has signed in before, and has her exams"
    bare = profile(scripts=False)
    page = bare.page
    nora.sign_in(bare)
    page.goto("/exams/")
    page.get_by_role("link", name=re.compile("Chest CT")).click()
    doctor = Recipient("Dr Hanna Lund", "hanna.lund@surgery.example")
    sharing.choose_what(bare, "soft tissue")
    sharing.choose_whom(bare, doctor)
    sharing.choose_why(bare)
    nora.confirm(bare, "Confirm and let Dr Hanna Lund look")
    expect(page.get_by_role("heading", name="Dr Hanna Lund can look")).to_be_visible()
    words = sharing.passphrase(bare)

    surgery = profile(scripts=False)
    sharing.type_printed_code(surgery, instance.letter(doctor.address, sharing.INVITATION))
    expect(surgery.page.get_by_label("Code from the e-mail")).to_be_visible()
    code = instance.letter(doctor.address, sharing.CODE).code()
    sharing.prove(surgery, code, words)
    expect(
        surgery.page.get_by_role("heading", name="Nora Vega is letting you look")
    ).to_be_visible()
    surgery.page.get_by_role("link", name="Look at the pictures").click()
    first = surgery.page.locator("[data-part=first]")
    expect(first).to_be_visible()
    assert first.evaluate("(image) => image.naturalWidth") > 100

    page.goto("/access/")
    page.locator("summary", has_text="Take back").first.click()
    page.get_by_role("button", name="Yes, take it back").first.click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    surgery.page.reload()
    expect(surgery.page.locator("main")).to_contain_text("taken back")
