"""Can a clinician work through the inbox by keys, and find a patient's earlier exams?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from journeys.people import Person
from story import another_ct

if TYPE_CHECKING:
    from journeys.instance import Instance
    from journeys.pages import Watched

pytestmark = [pytest.mark.browser, pytest.mark.server]


def _exam(number: str, **values: object) -> bytes:
    own = f"1.2.826.0.1.31.{number}"
    uids = {
        "StudyInstanceUID": own,
        "SeriesInstanceUID": f"{own}.1",
        "SOPInstanceUID": f"{own}.1.1",
        "PatientID": "MRN-31",
        "PatientName": "Solberg^Ida",
        "PatientBirthDate": "19620411",
        "BodyPartExamined": "CHEST",
        "StudyDate": f"2025030{number}",
    }
    return another_ct(**(uids | values))


@pytest.fixture(scope="module")
def at_work(
    instance: Instance, profile: Callable[..., Watched], tmp_path_factory: pytest.TempPathFactory
) -> Watched:
    person = Person("Ida Lund", "ida.lund@fjord.example")
    instance.run(
        *("account", "create", "--email", person.address, "--name", person.name),
        *("--kind", "provider", "--organization", "Northern Hospital"),
        *("--password-stdin", "--accept-statement"),
        said=f"{person.password}\n",
    )
    folder: Path = tmp_path_factory.mktemp("exams")
    (folder / "1").write_bytes(_exam("1"))
    (folder / "2").write_bytes(_exam("2", Modality="MR"))
    (folder / "3").write_bytes(_exam("3", PatientID="MRN-32", BodyPartExamined="KNEE"))
    instance.run("import", "--account", person.address, str(folder))
    seen = profile()
    person.sign_in_first(seen)
    return seen


def test_the_keys_move_take_filter_tell_and_open(at_work: Watched) -> None:
    seen, page = at_work, at_work.page
    page.goto("/")
    seen.look("home", "clinician")
    page.goto("/inbox/")
    rows = page.locator("[data-row]")
    expect(rows).to_have_count(3)
    seen.look("inbox", "clinician")
    page.keyboard.press("j")
    expect(rows.nth(0).locator("[data-open]")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")  # the last one stays
    expect(rows.nth(2).locator("[data-open]")).to_be_focused()
    page.keyboard.press("k")
    chosen = rows.nth(1).locator("[data-open]").get_attribute("id")
    title = rows.nth(1).locator("[data-open]").inner_text().partition(",")[0]
    page.keyboard.press("a")
    taken = rows.filter(has=page.locator(f'[id="{chosen}"]'))
    expect(taken.get_by_role("button", name="Give it back")).to_be_visible()
    expect(taken.locator("[data-open]")).to_be_focused()  # the list goes on where it was
    page.keyboard.press("?")
    expect(page.locator("#keys li").first).to_be_visible()
    seen.look("inbox", "taken")
    page.keyboard.press("/")
    expect(page.get_by_label("Show", exact=True)).to_be_focused()
    page.keyboard.press("j")  # in a field a letter is a letter
    page.get_by_label("Who has it").select_option("me")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("[data-row]")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)


def test_all_of_it_goes_without_a_script_too(at_work: Watched) -> None:
    seen, page = at_work, at_work.page
    page.goto("/inbox/?held=me")
    page.get_by_role("link", name="Hand on").click()
    expect(page.get_by_text("None of your colleagues may see it.")).to_be_visible()
    seen.look("inbox-assign")
    page.get_by_role("button", name="Give it back").click()
    expect(page.get_by_text("Nobody has it now.")).to_be_visible()
    assert "held=me" in page.url
    expect(page.locator("[data-row]")).to_have_count(0)
    seen.look("inbox", "narrowed-to-nothing")


def test_an_earlier_exam_of_the_same_patient_opens_beside(at_work: Watched) -> None:
    seen, page = at_work, at_work.page
    page.goto("/inbox/?modality=MR")
    page.locator("[data-open]").click()
    others = page.get_by_role("region", name="Other exams of this patient")
    expect(others.get_by_role("listitem")).to_have_count(1)
    expect(others).to_contain_text("Same part of the body")
    expect(others).not_to_contain_text("Knee")
    seen.look("exam", "with-priors")
    others.get_by_role("link", name="Beside this one").click()
    frame = page.locator("#viewer").get_attribute("src")
    assert frame is not None
    assert "1.2.826.0.1.31.2%2C1.2.826.0.1.31.1" in frame
