"""Does somebody who treats a patient write, sign and add to a report by pages that look right?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from journeys.people import Person
from story import CT

if TYPE_CHECKING:
    from journeys.instance import Instance
    from journeys.pages import Watched

pytestmark = [pytest.mark.browser, pytest.mark.server]
WORDS = "No fracture. The nodule of the left lung has not grown."


def test_a_report_is_written_read_over_signed_and_added_to(
    instance: Instance, profile: Callable[..., Watched]
) -> None:
    author = Person("Mona Berg", "mona.berg@hospital.example")
    instance.run(
        *("account", "create", "--email", author.address, "--name", author.name),
        *("--kind", "provider", "--organization", "Fjord Hospital"),
        *("--password-stdin", "--accept-statement"),
        said=f"{author.password}\n",
    )
    instance.run("import", "--account", author.address, str(CT))
    seen = profile()
    page = seen.page
    author.sign_in_first(seen)
    page.goto("/exams/")
    page.locator(".exam, article, li").get_by_role("link").first.click()
    page.get_by_role("link", name="Write a report").click()
    page.get_by_role("link", name="Write a report").click()
    seen.look("report-write", "empty")
    page.get_by_role("button", name="Read it over").click()
    expect(page.locator(".why").first).to_be_visible()
    seen.forgive()
    seen.look("report-write", "refused")
    page.get_by_label("Title").fill("CT of the chest")
    page.get_by_label("The report").fill(WORDS)
    page.get_by_role("button", name="Read it over").click()
    expect(page.get_by_text(WORDS)).to_be_visible()
    seen.look("report-write", "to-sign")
    author.confirm(seen, "Sign the report")
    expect(page.get_by_text("signed by Mona Berg, Fjord Hospital")).to_be_visible()
    page.get_by_role("link", name="Add to it").click()
    page.get_by_label("Title").fill("After the talk")
    page.get_by_label("The report").fill("The patient was told.")
    page.get_by_role("button", name="Read it over").click()
    author.confirm(seen, "Sign the report")
    expect(page.get_by_text("Addendum 1")).to_be_visible()
    expect(page.get_by_text(WORDS)).to_be_visible()
    seen.look("exam-reports", "signed")
