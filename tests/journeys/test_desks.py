"""Do the desks and the pages about oneself work and look right, too?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from journeys.people import Person

if TYPE_CHECKING:
    from journeys.instance import Instance
    from journeys.pages import Watched

pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture(scope="module")
def at_officer(instance: Instance, profile: Callable[..., Watched]) -> Watched:
    officer = Person("Viktor Sand", "viktor.sand@hospital.example")
    instance.run(
        *("account", "create", "--email", officer.address, "--name", officer.name),
        *("--kind", "provider", "--organization", "Harbour Hospital"),
        *("--role", "privacy_officer", "--password-stdin", "--accept-statement"),
        said=f"{officer.password}\n",
    )
    seen = profile()
    officer.sign_in_first(seen)
    return seen


def test_the_officer_reads_the_record_and_finds_it_whole(at_officer: Watched) -> None:
    seen, page = at_officer, at_officer.page
    page.goto("/officer/trail/")
    expect(page.get_by_role("heading", name="The record")).to_be_visible()
    seen.look("trail")
    page.get_by_role("button", name="Check that it is whole").click()
    expect(page.locator("main")).to_contain_text("whole")
    seen.look("trail", "checked")
    expect(page.get_by_role("button", name="Export for the offline check")).to_have_count(0)


def test_the_officer_asks_for_a_person_by_address_and_reads_ids(at_officer: Watched) -> None:
    seen, page = at_officer, at_officer.page
    page.goto("/")
    seen.look("home", "officer")
    page.goto("/officer/trail/")
    page.get_by_label("Who e-mail, whole name or id").fill("viktor.sand@hospital.example")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody")).to_contain_text("Signed in")
    assert "viktor" not in page.url + page.locator("main").inner_text().lower()
    seen.look("trail", "of-one-person")
    page.get_by_label("About whom or what").fill("Nobody At All")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("main")).to_contain_text("No account has exactly this")
    seen.forgive()
    seen.look("trail", "of-nobody")


def test_a_person_finds_all_about_the_own_account(at_nora: Watched) -> None:
    seen, page = at_nora, at_nora.page
    for name in ("password", "tokens"):
        page.goto(f"/account/security/{name}/")
        seen.look(f"security-{name}")
    page.goto("/account/security/codes/")
    seen.look("recovery-codes", "again")
    page.goto("/account/security/factors/add/")
    seen.look("add-factor", "another")
    page.goto("/access/")
    seen.look("access", "empty")


def test_the_record_of_others_is_not_for_a_patient(at_nora: Watched) -> None:
    answer = at_nora.page.goto("/officer/trail/")
    assert answer is not None
    assert answer.status == 404
    at_nora.forgive()


def test_somebody_who_forgot_the_password_gets_the_same_answer_as_everybody(
    nora: Person, profile: Callable[..., Watched]
) -> None:
    said = []
    for address in (nora.address, "nobody.at.all@people.example"):
        seen = profile()
        seen.page.goto("/account/reset/")
        seen.page.get_by_label("E-mail address").fill(address)
        seen.page.locator("main form button[type=submit]").click()
        said.append(seen.page.locator("main").inner_text().replace(address, ""))
        seen.look("reset-code")
    assert said[0] == said[1]
