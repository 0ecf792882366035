"""The machine is lost after a share was taken back and an exam erased; what was ended stays so.

Two people in real Chromium, an instance of its own, and an empty host that is put back from a
backup made before they changed their minds. Each step builds on those before it.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from figures import figure
from journeys import sharing
from journeys.disc import Disc, burn_circles
from journeys.instance import Instance, served
from journeys.pages import Watched, watched
from journeys.people import Person
from journeys.sharing import Recipient
from journeys.steps import Steps
from kept_elsewhere import Elsewhere
from living import step

pytestmark = [pytest.mark.browser, pytest.mark.server]


@dataclass
class Disaster(Steps):
    """A clinic with its backups elsewhere, and what two people do there."""

    instance: Instance
    elsewhere: Elsewhere
    ines: Person
    home: Watched
    doctor: Recipient
    surgery: Watched
    share: str = ""
    certificate: str = ""
    verifier: str = ""
    key: str = ""


@pytest.fixture(scope="module")
def lost(
    browser: Browser, disc: Disc, titles: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Disaster]:
    folder = tmp_path_factory.mktemp("disaster")
    (folder / "elsewhere").mkdir()
    for instance in served(
        folder, prepare=lambda server: Elsewhere(folder / "elsewhere", server).set_up()
    ):
        elsewhere = Elsewhere(folder / "elsewhere", instance.server)
        ines = Person("Ines Moreau", "ines.moreau@people.example")
        instance.run(
            *("account", "create", "--email", ines.address, "--name", ines.name),
            *("--password-stdin", "--accept-statement"),
            said=f"{ines.password}\n",
        )
        burn_circles(folder / "S4")
        folders = [disc.folder / "DICOM" / "S1", disc.folder / "DICOM" / "S2", folder / "S4"]
        instance.run("import", "--account", ines.address, *map(str, folders))
        home, surgery = (watched(browser, instance.url, titles) for _ in range(2))
        yield Disaster(
            instance=instance,
            elsewhere=elsewhere,
            ines=ines,
            home=home,
            doctor=Recipient("Dr Ada Weiss", "ada.weiss@surgery.example"),
            surgery=surgery,
        )
        home.context.close()
        surgery.context.close()


def test_a_doctor_looks_at_one_of_two_exams(lost: Disaster) -> None:
    page = lost.home.page
    lost.ines.sign_in_first(lost.home)
    page.goto("/exams/")
    expect(page.locator("ul.films > li")).to_have_count(2)
    page.get_by_role("link", name=re.compile("Chest CT")).click()
    sharing.choose_what(lost.home, "soft tissue")
    sharing.choose_whom(lost.home, lost.doctor)
    sharing.choose_why(lost.home)
    lost.ines.confirm(lost.home, f"Confirm and let {lost.doctor.name} look")
    expect(page.get_by_role("heading", name=f"{lost.doctor.name} can look")).to_be_visible()
    words = sharing.passphrase(lost.home)

    invitation = lost.instance.letter(lost.doctor.address, sharing.INVITATION)
    sharing.open_link(lost.surgery, invitation)
    code = lost.instance.letter(lost.doctor.address, sharing.CODE).code()
    sharing.prove(lost.surgery, code, words)
    expect(lost.surgery.page.get_by_text("soft tissue")).to_be_visible()
    lost.share = lost.surgery.page.url
    lost.done.add("shared")


def test_a_backup_is_made_while_they_look(lost: Disaster) -> None:
    lost.needs("shared")
    lost.elsewhere.back_up()
    lost.surgery.page.reload()
    expect(lost.surgery.page.get_by_text("soft tissue")).to_be_visible()
    lost.done.add("backed up")


def test_she_takes_the_share_back_and_removes_the_other_exam(lost: Disaster) -> None:
    lost.needs("backed up")
    page = lost.home.page
    page.goto("/access/")
    page.locator("summary", has_text="Take back").click()
    page.get_by_role("button", name="Yes, take it back").click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    page.goto("/exams/")
    page.locator("ul.films > li").filter(has_not_text="Chest CT").get_by_role("link").first.click()
    page.locator("summary", has_text=re.compile("^Remove$")).click()
    page.get_by_role("button", name="Yes, remove it").click()
    page.goto("/exams/")
    expect(page.locator("ul.films > li")).to_have_count(1)
    lost.done.add("removed")


def test_a_week_later_it_is_erased_and_she_saves_the_certificate(
    lost: Disaster, tmp_path: Path
) -> None:
    lost.needs("removed")
    step(lost.instance.server, "a_week_passes")
    page = lost.home.page
    page.goto("/exams/gone/")
    with page.expect_download() as saved:
        page.get_by_role("link", name=re.compile("Save the certificate")).click()
    lost.certificate = saved.value.path().read_text(encoding="utf-8")
    lost.verifier = page.request.get("/certificates/verifier").text()
    lost.key = page.request.get("/certificates/key").text().strip()
    assert_as_signed(lost, tmp_path)
    lost.home.look("exams-gone")
    lost.done.add("erased")


def test_the_machine_is_lost_and_an_empty_one_is_put_back(lost: Disaster) -> None:
    lost.needs("erased")
    server = lost.instance.server
    server.kill()
    shutil.rmtree(server.data)

    again = server.data.with_name("another-machine")
    done = server.run(*lost.elsewhere.arguments(again))
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((again / "restore-report.json").read_text())
    replayed = {(each["kind"], each["outcome"]): each["times"] for each in report["replayed"]}
    assert replayed["consent.revoked", "done"] == 1
    assert replayed["key.destroyed", "purged"] == 1
    assert report["open"]
    server.data = again
    whole = server.run("audit", "verify", "--data", str(again))
    assert whole.returncode == 0, whole.stdout
    server.start()
    figure("journeys.disaster_acts_replayed", sum(replayed.values()), "acts")
    lost.done.add("put back")


def test_the_doctors_link_says_that_it_was_taken_back(lost: Disaster) -> None:
    lost.needs("put back")
    page = lost.surgery.page
    page.goto(lost.share)
    expect(page.get_by_role("heading", level=1)).to_have_text("This cannot be opened")
    assert "soft tissue" not in page.content()
    lost.surgery.forgive()
    lost.surgery.look("share-ended", "after-a-restore")

    sharing_link = lost.instance.letter(lost.doctor.address, sharing.INVITATION).link()
    page.goto("about:blank")
    page.goto(sharing_link)
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("main")).to_contain_text("taken back")
    assert lost.ines.name not in page.content()
    lost.surgery.forgive()


def test_she_finds_one_exam_and_the_other_stays_gone(lost: Disaster, tmp_path: Path) -> None:
    lost.needs("put back")
    page = lost.home.page
    page.goto("/exams/")
    assert "/account/sign-in/" in page.url, "everybody signs in again"
    lost.home.forgive()
    lost.ines.sign_in(lost.home)
    page.goto("/exams/")
    expect(page.locator("ul.films > li")).to_have_count(1)
    expect(page.get_by_role("link", name=re.compile("Chest CT")).first).to_be_visible()
    lost.home.look("exams", "after-a-restore")
    page.goto("/access/")
    expect(page.locator("summary", has_text="Take back")).to_have_count(0)
    page.goto("/exams/gone/")
    expect(page.get_by_role("link", name=re.compile("Save the certificate"))).to_have_count(1)
    assert page.request.get("/certificates/key").text().strip() == lost.key
    assert_as_signed(lost, tmp_path)


def assert_as_signed(lost: Disaster, folder: Path) -> None:
    """Check her certificate with the one file, as a stranger does."""
    (folder / "verify.py").write_text(lost.verifier)
    (folder / "certificate.txt").write_text(lost.certificate, encoding="utf-8")
    checked = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", "certificate.txt", "--key", lost.key],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
