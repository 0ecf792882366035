"""How is a share given, opened and looked at in the browser?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from journeys.instance import Letter
    from journeys.pages import Watched

INVITATION = "Something was shared with you"
CODE = "Your code to open what was shared"


@dataclass(frozen=True)
class Recipient:
    """Somebody without an account, to whom something is shared."""

    name: str
    address: str


def choose_what(seen: Watched, series: str) -> None:
    """Begin on the exam's page, and tick one series by its title."""
    seen.page.get_by_role("button", name="Share this exam").click()
    ticks = seen.page.get_by_role("checkbox")
    assert not any(tick.is_checked() for tick in ticks.all()), "nothing may be ticked beforehand"
    seen.page.get_by_role("checkbox", name=re.compile(series)).check()
    seen.page.get_by_role("button", name="Go on: to whom?").click()


def choose_whom(seen: Watched, recipient: Recipient) -> None:
    """Name the recipient."""
    page = seen.page
    page.get_by_label("Their name").fill(recipient.name)
    page.get_by_label("Their e-mail address", exact=True).fill(recipient.address)
    page.get_by_label("The address once more").fill(recipient.address)
    page.get_by_role("radio", name=re.compile("doctor", re.IGNORECASE)).check()
    page.get_by_role("button", name="Go on: why and how long?").click()


def choose_why(seen: Watched) -> None:
    """Say that it is for a second opinion, to look only, with a passphrase."""
    page = seen.page
    page.get_by_role("radio", name=re.compile("second opinion", re.IGNORECASE)).check()
    page.get_by_role("radio", name=re.compile("^Look They see")).check()
    page.get_by_role("radio", name=re.compile("four words|passphrase", re.IGNORECASE)).check()
    page.get_by_role("button", name="Go on: read and check").click()


def passphrase(seen: Watched) -> str:
    """Read the four words that are shown once when it is done."""
    return seen.page.locator(".code-words").inner_text().strip()


def open_link(seen: Watched, invitation: Letter) -> None:
    """Follow the link of a message; the secret behind its # is on the way to nobody else."""
    # As if pasted into a tab that is there already: only what stands behind the # is new.
    seen.page.goto(invitation.link().partition("#")[0])
    expect(seen.page.get_by_text("Your link is complete.")).not_to_be_visible()
    seen.page.goto(invitation.link())
    expect(seen.page.get_by_text("Your link is complete.")).to_be_visible()
    seen.page.get_by_role("button", name="Go on").click()


def type_printed_code(seen: Watched, invitation: Letter) -> None:
    """Go to the page that the message names, and type its code."""
    seen.page.goto(invitation.page())
    seen.page.get_by_label("Code printed in the message").fill(invitation.printed_code())
    seen.page.get_by_role("button", name="Go on").click()


def prove(seen: Watched, code: str, words: str) -> None:
    """Prove the address by the code of the second message, and the person by the words."""
    page = seen.page
    page.get_by_label("Code from the e-mail").fill(code)
    page.get_by_label("Passphrase").fill(words)
    page.get_by_label("I will use these pictures for this purpose only.").check()
    page.get_by_role("button", name="Open the exam").click()
