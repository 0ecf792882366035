"""The first share goes on: opened, passed on in vain, seen by its giver, taken back.

Begins where `test_first_share.py` ends, and needs it to run before.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from journeys import sharing
from journeys.disc import CHEST, OWNER, Disc, as_shown
from journeys.journey import Journey, presses
from journeys.viewing import canvas, picture_number, shown_exactly, wait_for_picture

if TYPE_CHECKING:
    from journeys.instance import Instance
    from journeys.pages import Watched

pytestmark = [pytest.mark.browser, pytest.mark.server]


def test_the_doctor_proves_the_address_and_sees_that_series_only(
    journey: Journey, instance: Instance, disc: Disc
) -> None:
    journey.needs("shared")
    seen, page, doctor = journey.surgery, journey.surgery.page, journey.doctor
    invitation = instance.letter(doctor.address, sharing.INVITATION)
    assert "Jana" not in invitation.text
    assert "Chest" not in invitation.text
    page.goto(invitation.link())
    assert OWNER.name.partition("^")[0] not in page.content()
    seen.look("share-open")
    sharing.open_link(seen, invitation)
    expect(page.get_by_label("Code from the e-mail")).to_be_visible()
    assert "Jana" not in page.content(), "who shares is shown after the proof"
    seen.look("share-prove")
    code = instance.letter(doctor.address, sharing.CODE).code()
    wrong = str((int(code) + 1) % 1_000_000).zfill(6)
    sharing.prove(seen, wrong, journey.words)
    expect(page.get_by_role("heading", name="That is not right")).to_be_visible()
    expect(page.get_by_label("Passphrase")).to_have_value(journey.words)
    expect(page.get_by_label("I will use these pictures")).to_be_checked()
    seen.look("share-prove", "wrong")
    sharing.prove(seen, code, journey.words)
    expect(page.get_by_role("heading", name="Jana Lindgren is letting you look")).to_be_visible()
    expect(page.get_by_text("soft tissue")).to_be_visible()
    assert disc.lung_uid not in page.content()
    seen.look("shared-exams")
    journey.share = page.url.removesuffix("exams/")
    journey.done.add("opened")


def test_the_doctor_looks_at_it_in_the_viewer(journey: Journey, disc: Disc) -> None:
    journey.needs("opened")
    seen, page = journey.surgery, journey.surgery.page
    page.get_by_role("link", name="Look at the pictures").click()
    number = picture_number(page)
    shown = shown_exactly(page, CHEST.size, CHEST.size)
    wanted = as_shown(disc.soft[number - 1], 40, 400)
    assert abs(shown.astype(int) - wanted.astype(int)).mean() < 1
    seen.look("viewer", "shared")
    root = page.locator("#stage").get_attribute("data-root")
    study = page.locator("#stage").get_attribute("data-study")
    statuses = page.evaluate(
        "(addresses) => Promise.all("
        "addresses.map((each) => fetch(each).then(({status}) => status)))",
        [
            f"{root}/studies/{study}/series/{disc.soft_uid}/metadata",
            f"{root}/studies/{study}/series/{disc.lung_uid}/metadata",
            f"{root}/studies/{study}/series/{disc.lung_uid}/thumbnail",
            f"/dicomweb/studies/{study}/series/{disc.soft_uid}/metadata",
        ],
    )
    assert statuses[0] == 200
    assert statuses[1:3] == [404, 404]
    assert statuses[3] in {401, 404}
    seen.forgive()
    journey.done.add("doctor looked")


def test_the_link_passed_on_to_somebody_else_opens_nothing(
    journey: Journey, instance: Instance, profile: Callable[..., Watched]
) -> None:
    journey.needs("doctor looked")
    invitation = instance.letter(journey.doctor.address, sharing.INVITATION)
    third = profile()
    sharing.open_link(third, invitation)
    body = third.page.content()
    for told in ("Jana", "Lindgren", "Chest", journey.doctor.address, OWNER.patient_id):
        assert told not in body
    third.page.goto(f"{journey.share}exams/")
    assert "Jana" not in third.page.content()
    used = instance.letter(journey.doctor.address, sharing.CODE).code()
    third.page.goto(f"{journey.share}prove/")
    sharing.prove(third, used, "wrong words of nobody")
    assert "Jana" not in third.page.content()
    third.look("share-prove", "forwarded")


def test_the_owner_sees_who_looked_and_who_can_see(journey: Journey, instance: Instance) -> None:
    journey.needs("doctor looked")
    instance.letter(journey.jana.address, "opened")
    seen, page = journey.home, journey.home.page
    page.goto("/activity/")
    line = page.locator("li.act").filter(has_text="Dr Otto Brandt").filter(has_text="looked at")
    expect(line.first).to_contain_text("Chest CT")
    expect(line.first).to_contain_text("under your consent")
    seen.look("activity")
    page.goto(f"{journey.exam}activity/")
    seen.look("exam-activity")
    page.goto(journey.exam)
    expect(page.locator("main")).to_contain_text("Dr Otto Brandt")
    seen.look("exam", "shared")
    page.goto("/access/")
    expect(page.locator("article.access").first).to_contain_text("Dr Otto Brandt")
    seen.look("access")


def test_both_take_the_same_receipt_and_a_stranger_can_check_it(
    journey: Journey, tmp_path: Path
) -> None:
    journey.needs("opened")
    home, surgery = journey.home.page, journey.surgery.page.context.new_page()
    home.goto("/access/")
    with home.expect_download() as hers:
        home.get_by_role("link", name="Receipt (PDF)").first.click()
    surgery.goto(f"{journey.share}exams/")
    with surgery.expect_download() as his:
        surgery.get_by_role("link", name="Receipt (PDF)").click()
    receipt = hers.value.path().read_bytes()
    assert his.value.path().read_bytes() == receipt
    surgery.close()

    (tmp_path / "receipt.pdf").write_bytes(receipt)
    (tmp_path / "verify.py").write_text(home.request.get("/receipts/verifier").text())
    (tmp_path / "key").write_text(home.request.get("/receipts/key").text())
    command = [sys.executable, "-I", "verify.py", "receipt.pdf", "--key", "key"]
    checked = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (checked.returncode, "Jana Lindgren" in checked.stdout) == (0, True), checked.stdout


def test_while_she_pauses_it_the_doctors_viewer_is_dark(journey: Journey) -> None:
    journey.needs("doctor looked")
    home, seen = journey.home.page, journey.surgery
    home.goto("/access/")
    home.locator("summary", has_text="Pause").click()
    home.get_by_role("button", name="Yes, pause it").click()
    expect(home.get_by_text("Paused: nothing opens")).to_be_visible()
    # The viewer has every picture: it asks by itself, while somebody is at it.
    seen.page.mouse.move(220, 220)
    over = seen.page.get_by_text("This share has ended or is paused, or you were signed out.")
    expect(over).to_be_visible(timeout=60_000)
    seen.forgive()
    home.get_by_role("button", name=re.compile("go on", re.IGNORECASE)).click()
    expect(home.get_by_text("Paused: nothing opens")).to_have_count(0)
    seen.page.reload()
    wait_for_picture(seen.page)
    journey.done.add("paused")


def test_she_takes_it_back_in_fewer_steps_than_she_gave_it(journey: Journey) -> None:
    journey.needs("paused")
    seen, page = journey.home, journey.home.page
    page.goto("/access/")
    before = presses(seen)
    page.locator("summary", has_text="Take back").click()
    page.get_by_role("button", name="Yes, take it back").click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    taken = presses(seen) - before
    assert taken < journey.grant_presses, f"{taken} presses against {journey.grant_presses}"
    seen.look("access", "ended")
    page.goto("/")
    expect(page.locator(".lampbar")).to_contain_text("Only you can see the images in your account.")
    journey.done.add("taken back")


def test_the_doctors_viewer_goes_dark_though_it_has_every_picture(journey: Journey) -> None:
    journey.needs("taken back")
    seen, page = journey.surgery, journey.surgery.page
    # It asks for nothing more: it is told by itself, while somebody is at it.
    page.mouse.move(200, 200)
    over = page.get_by_text("This share has ended or is paused, or you were signed out.")
    expect(over).to_be_visible(timeout=60_000)
    assert page.evaluate("window.safelightViewer.ended") is True
    assert not canvas(page).any(), "pictures are still on the canvas"
    expect(page.locator(".strip img")).to_have_count(0)
    seen.forgive()
    seen.look("viewer", "ended")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("This cannot be opened")
    expect(page.locator("main")).to_contain_text("taken back")
    seen.forgive()
    seen.look("share-ended")
