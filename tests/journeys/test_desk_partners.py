"""Does the desk enter a system of its hospital by pages that work and look right?"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from journeys.people import Person
from partnering import a_certificate

if TYPE_CHECKING:
    from pathlib import Path

    from journeys.instance import Instance
    from journeys.pages import Watched

pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture(scope="module")
def at_desk(instance: Instance, profile: Callable[..., Watched]) -> Watched:
    desk = Person("Ida Holm", "ida.holm@hospital.example")
    instance.run(
        *("account", "create", "--email", desk.address, "--name", desk.name),
        *("--kind", "provider", "--organization", "Harbour Hospital"),
        *("--role", "imaging_desk", "--password-stdin", "--accept-statement"),
        said=f"{desk.password}\n",
    )
    seen = profile()
    desk.sign_in_first(seen)
    return seen


def test_a_system_of_the_hospital_is_entered_and_waits_for_a_second_person(
    at_desk: Watched, tmp_path: Path
) -> None:
    seen, page = at_desk, at_desk.page
    page.goto("/desk/partners/")
    seen.look("desk-partners", "empty")
    page.goto("/desk/connections/new/")
    seen.look("desk-connection-new")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".why").first).to_be_visible()
    seen.forgive()
    seen.look("desk-connection-new", "refused")
    page.get_by_label("Name").fill("CT on the second floor")
    ours, host = (page.get_by_role("textbox", name=each) for each in ("Our title", "Host"))
    expect(page.get_by_label("Comes from")).to_be_hidden()
    page.get_by_label("Be sent to by us").check()
    expect(host).to_be_visible()
    page.get_by_role("radio", name="DICOMweb").check()
    expect(ours).to_be_hidden()
    expect(host).to_be_hidden()
    expect(page.get_by_role("textbox", name="Address")).to_be_visible()
    seen.look("desk-connection-new", "by the web")
    page.get_by_role("radio", name="DICOM").first.check()
    page.get_by_label("Be sent to by us").uncheck()
    page.get_by_label("Send to us").check()
    page.get_by_label("Our title").fill("SAFELIGHT")
    page.get_by_label("Their title").fill("CT2")
    page.get_by_label("Comes from").fill("192.0.2.0/24")
    page.get_by_label("The certificate it shows us").fill(a_certificate(tmp_path))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="CT on the second floor")).to_be_visible()
    seen.look("desk-connection", "draft")
    expect(page.locator("main")).to_contain_text(re.compile("somebody else", re.IGNORECASE))
    page.goto("/desk/partners/")
    expect(page.locator("main")).to_contain_text("CT on the second floor")
    seen.look("desk-partners")


def test_an_exam_is_taken_on_a_disc(at_nora: Watched) -> None:
    seen, page = at_nora, at_nora.page
    page.goto("/exams/")
    page.get_by_role("link", name=re.compile("Circle")).first.click()
    seen.look("exam", "to-take")
    page.get_by_role("link", name="Take it on a disc").click()
    seen.look("exam-disc")
