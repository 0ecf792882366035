"""Journey 9: a statement changes while pictures are looked at; declined, accepted, readable.

An instance of its own: what it publishes would ask everybody in the other journeys.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect

from journeys.disc import burn
from journeys.instance import Instance, served
from journeys.pages import Watched, watched
from journeys.people import Person
from journeys.viewing import picture_number, wait_for_picture

if TYPE_CHECKING:
    from server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]

_TESTS = Path(__file__).parents[1]
_A_QUARTER = 15 * 60 + 5
_SUMMARY = "We now name the company that keeps the machines."


@pytest.fixture(scope="module")
def ahead(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file that says by how many seconds the clock of this instance is moved."""
    file = tmp_path_factory.mktemp("statement") / "ahead"
    file.write_text("0 lived")
    return file


@pytest.fixture(scope="module")
def house(ahead: Path) -> Iterator[Instance]:
    def prepare(server: Server) -> None:
        server.program = (str(_TESTS / "skewed.py"), str(ahead))

    yield from served(ahead.parent / "house", prepare=prepare)


@pytest.fixture(scope="module")
def people(house: Instance) -> dict[str, Person]:
    made = {
        "nora": Person("Nora Vega", "nora.vega@people.example"),
        "official": Person("Paul Office", "paul.office@people.example"),
    }
    for person in made.values():
        house.run(
            *("account", "create", "--email", person.address, "--name", person.name),
            *("--password-stdin", "--accept-statement"),
            said=f"{person.password}\n",
        )
    at = made["official"].address
    house.run("staff", "appoint", "--email", at, "--role", "privacy_official")
    return made


@pytest.fixture(scope="module")
def own(browser: Browser, house: Instance) -> Iterator[Callable[[], Watched]]:
    """Open browser profiles on this instance; its pages may have titles of their own."""
    opened: list[Watched] = []

    def fresh() -> Watched:
        opened.append(watched(browser, house.url, {}, scripts=True))
        return opened[-1]

    yield fresh
    for each in opened:
        each.context.close()


@pytest.fixture(scope="module")
def nora(
    own: Callable[[], Watched], people: dict[str, Person], house: Instance, ahead: Path
) -> Watched:
    disc = burn(ahead.parent / "DISC")
    folder = str(disc.folder / "DICOM" / "S1")
    house.run("import", "--account", people["nora"].address, folder)
    seen = own()
    people["nora"].sign_in_first(seen)
    return seen


@pytest.fixture(scope="module")
def official(own: Callable[[], Watched], people: dict[str, Person]) -> Watched:
    seen = own()
    people["official"].sign_in_first(seen)
    return seen


def _review(page: Page, role: str, name: str) -> None:
    page.get_by_label("Who they spoke for").select_option(label=role)
    page.get_by_label("Their name").fill(name)
    page.get_by_label("On which day").fill("2026-11-20")
    page.get_by_label("What they looked at and said").fill("All of it; nothing to add.")
    page.get_by_role("button", name="Put it down").click()


def test_it_is_written_reviewed_and_published_while_somebody_looks(
    official: Watched, nora: Watched, people: dict[str, Person]
) -> None:
    viewer = nora.page
    viewer.goto("/exams/")
    viewer.get_by_role("link", name=re.compile("Chest CT")).click()
    viewer.get_by_role("link", name="Look at the pictures").click()
    wait_for_picture(viewer)

    page = official.page
    page.goto("/officer/statements/")
    official.look("operator-statements")
    page.get_by_role("button", name="Begin a draft").click()
    text = page.get_by_label("Text, language en")
    words = text.input_value()
    text.fill(words + "\n\n## Who keeps the machines\n\nExample Hosting keeps the machines.\n")
    page.get_by_label("What changed, in one or two sentences").fill(_SUMMARY)
    page.get_by_role("button", name="Keep the draft").click()
    expect(page.get_by_text("It is kept.")).to_be_visible()
    expect(page.get_by_label("Days to decide")).to_have_value("0")
    expect(page.locator("ins", has_text="Example Hosting keeps the machines.")).to_be_visible()
    expect(page.get_by_text("It can be published once both have reviewed it.")).to_be_visible()
    _review(page, "Risk management", "Rita Risk")
    _review(page, "Counsel", "Carl Counsel")
    official.look("operator-statement", "reviewed")
    page.get_by_role("link", name="Publish it").click()
    official.look("operator-statement-publish")
    people["official"].confirm(official, "Publish it")
    expect(page.get_by_text("is published")).to_be_visible()
    # They are a person here, too, and are asked like everybody.
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("link", name="Version 3", exact=True)).to_be_visible()
    official.look("operator-statements", "published")

    # What is open runs on; the next page asks.
    start = picture_number(viewer)
    viewer.locator("[data-part=film]").hover()
    viewer.mouse.wheel(0, 120)
    wait_for_picture(viewer, start + 1)
    viewer.goto("/exams/")
    expect(viewer.get_by_role("heading", name="The privacy statement changed")).to_be_visible()
    expect(viewer.get_by_text(_SUMMARY).first).to_be_visible()
    nora.look("accept-statement", "changed")
    viewer.get_by_role("link", name=re.compile("See every change")).click()
    expect(viewer.locator("ins", has_text="Example Hosting keeps the machines.")).to_be_visible()
    nora.look("statement-changes")


def test_who_declines_keeps_what_is_theirs_and_comes_back_by_accepting(
    nora: Watched, ahead: Path, house: Instance, people: dict[str, Person]
) -> None:
    page = nora.page
    page.goto("/exams/")
    page.get_by_role("button", name="I do not accept it").click()
    expect(page.get_by_text("You declined. This is what you can do.")).to_be_visible()
    nora.look("accept-statement", "declined")
    page.get_by_role("link", name="See, download or remove your own exams").click()
    expect(page.get_by_text("only what is your own is open")).to_be_visible()
    nora.look("exams", "limited")
    page.get_by_role("link", name=re.compile("Chest CT")).click()
    page.get_by_role("link", name="Look at the pictures").click()
    wait_for_picture(page)
    page.goto("/add/")
    assert page.url.endswith("/account/statement/")

    ahead.write_text(f"{_A_QUARTER} lived")
    page.goto("/exams/")
    expect(page.get_by_text("only what is your own is open")).to_be_visible()
    page.get_by_role("link", name="Read it and decide").click()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Go on").click()
    page.goto("/add/")
    assert page.url.endswith("/add/")
    expect(page.get_by_text("only what is your own is open")).to_have_count(0)
    del house, people


def test_the_old_text_is_readable_and_a_changed_one_keeps_the_house_closed(
    nora: Watched, house: Instance
) -> None:
    page = nora.page
    page.goto("/statement/2/")
    expect(page.get_by_text("This is an earlier version.")).to_be_visible()
    expect(page.get_by_text("Example Hosting keeps the machines.")).to_have_count(0)
    page.goto("/statement/")
    expect(page.get_by_text("Example Hosting keeps the machines.")).to_be_visible()
    nora.look("statement", "own")
