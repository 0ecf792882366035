"""Journey 4: a patient sends an exam from hospital to hospital, and the agreement ends meanwhile.

Two instances, DICOM over TLS with a client's certificate between them. The clock of the sender
moves on until the agreement is over: nothing more leaves, the page says why, and once there is a
new one the rest goes, each object once. Then both ledgers say the same.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from playwright.sync_api import expect

from cast import PASSWORD
from certificates import signing_itself
from journeys.instance import Instance, served
from journeys.pages import Watched, watched
from journeys.people import Person
from journeys.steps import Steps
from objects import a_file, uid
from server import Server, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.server]
_TESTS: Final = Path(__file__).parents[1]
_COUNT: Final = 60
_SECONDS: Final = 300


@dataclass(kw_only=True)
class Houses(Steps):
    """The hospital that keeps the exam, the clinic that gets it, and the patient's browser."""

    hospital: Instance
    clinic: Server
    nora: Person
    seen: Watched
    desk: Watched
    ahead: Path
    ends: datetime
    page: str = ""
    arrived: int = 0
    on_its_way: int = 0


def told(server: Server, *act: str) -> dict[str, Any]:
    """Do something on an instance that no page does yet, or read its ledger."""
    done = subprocess.run(
        [sys.executable, str(_TESTS / "journeys" / "two_houses.py"), str(server.data), *act],
        env=server._environment() | {"PYTHONPATH": str(_TESTS)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def by_tls(pair: tuple[Path, Path]) -> dict[str, str]:
    return {
        "SAFELIGHT_DIMSE_TLS_CERT": str(pair[0]),
        "SAFELIGHT_DIMSE_TLS_KEY": str(pair[1]),
        "SAFELIGHT_PEER_SEGMENTS": "127.0.0.0/8",
    }


@pytest.fixture(scope="module")
def houses(
    browser: Browser, titles: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Houses]:
    folder = tmp_path_factory.mktemp("houses")
    ours, theirs = (signing_itself(folder, each) for each in ("hospital", "clinic"))
    port, ahead = free_port(), folder / "ahead"
    ahead.write_text("0\n")
    clinic = Server(folder / "clinic", folder / "clinic-keys" / "root.key", env=by_tls(theirs))
    clinic.init()
    told(clinic, "receive", str(ours[0]))
    clinic.more = ("--dimse", f"127.0.0.1:{port}")
    clinic.start()
    exam = folder / "exam"
    exam.mkdir()
    for number in range(1, _COUNT + 1):
        (exam / f"{number}.dcm").write_bytes(a_file(number, PatientBirthDate="19800203"))
    ends: list[str] = []

    def prepare(server: Server) -> None:
        server.env |= by_tls(ours)
        email = "carla.clinician@hospital.example"
        for command, said in (
            (
                (
                    *("account", "create", "--email", email, "--name", "Carla Clinician"),
                    *("--kind", "provider", "--organization", "Example Hospital"),
                    *("--password-stdin", "--accept-statement"),
                ),
                f"{PASSWORD}\n",
            ),
            (("import", "--account", email, str(exam)), ""),
        ):
            done = server.run(*command, "--data", str(server.data), input=said)
            assert done.returncode == 0, done.stdout + done.stderr
        ends.append(told(server, "send", str(theirs[0]), str(port))["ends"])
        server.program = (str(_TESTS / "skewed.py"), str(ahead))

    try:
        for hospital in served(folder / "hospital", prepare=prepare):
            seen, desk = (watched(browser, hospital.url, titles) for _ in range(2))
            yield Houses(
                hospital=hospital,
                clinic=clinic,
                nora=Person("Nora Vega", "nora.vega@people.example", password=PASSWORD),
                seen=seen,
                desk=desk,
                ahead=ahead,
                ends=datetime.fromisoformat(ends[0]).replace(tzinfo=UTC),
            )
            seen.context.close()
            desk.context.close()
    finally:
        clinic.stop()


def far(houses: Houses) -> int:
    """Look again at the transfer's page, and read how much has arrived."""
    page = houses.seen.page
    page.goto(houses.page)
    said = page.get_by_role("status").filter(has_text="objects have arrived").inner_text()
    found = re.search(r"(\d+) of (\d+)", said)
    assert found, said
    assert int(found[2]) == _COUNT
    return int(found[1])


def test_she_chooses_the_clinic_and_signs_the_one_consent(houses: Houses) -> None:
    seen, page = houses.seen, houses.seen.page
    houses.nora.sign_in_first(seen)
    page.goto("/exams/")
    page.locator(".film h3 a").first.click()
    page.get_by_role("link", name="Send a copy to a hospital").click()
    seen.look("exam-send")
    page.get_by_role("button", name=re.compile("Choose what, and sign")).click()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Go on: to whom?").click()
    page.get_by_role("button", name=re.compile("Go on: why")).click()
    page.get_by_role("radio", name=re.compile("treat", re.IGNORECASE)).first.check()
    page.get_by_role("button", name="Go on: read and check").click()
    expect(page.locator("main")).to_contain_text("a copy goes to River archive (River Clinic)")
    seen.look("share-check", "to-send")
    page.get_by_label("Password").fill(houses.nora.password)
    page.get_by_label("Code from your app").fill(houses.nora.phone.code())
    page.locator("button.release").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("A copy for River"))
    houses.page = page.url
    houses.done.add("ordered")


def test_the_agreement_ends_in_the_middle_and_nothing_more_leaves(houses: Houses) -> None:
    houses.needs("ordered")
    until = time.monotonic() + _SECONDS
    while far(houses) == 0:
        assert time.monotonic() < until, "nothing arrived"
        time.sleep(0.2)
    later = (houses.ends - datetime.now(UTC)).total_seconds() + 60
    fresh = houses.ahead.with_suffix(".new")
    fresh.write_text(f"{later} lived\n")
    fresh.replace(houses.ahead)
    houses.nora.sign_in(houses.seen)
    page, until = houses.seen.page, time.monotonic() + _SECONDS
    houses.arrived = far(houses)
    while "Held back" not in page.locator("main").inner_text():
        assert time.monotonic() < until, page.locator("main").inner_text()
        time.sleep(0.5)
        houses.arrived = far(houses)
    expect(page.locator("main")).to_contain_text("Business associate agreement")
    houses.seen.forgive()
    houses.seen.look("transfer", "held")
    assert 0 < houses.arrived < _COUNT
    time.sleep(5)
    assert far(houses) == houses.arrived
    # What was on its way in that second has perhaps arrived, and both sides say so.
    here, there = (told(each, "ledger") for each in (houses.hospital.server, houses.clinic))
    assert len(here["sent"]) == houses.arrived
    assert len(here["leaving"]) <= 1
    assert here["sent"].items() <= there["kept"].items()
    assert there["kept"].items() <= (here["sent"] | here["leaving"]).items()
    houses.on_its_way = len(here["leaving"])
    houses.done.add("held")


def test_the_desk_reads_what_waits_and_why(houses: Houses) -> None:
    houses.needs("held")
    desk, page = houses.desk, houses.desk.page
    Person("Dana Desk", "dana.desk@people.example", password=PASSWORD).sign_in_first(desk)
    page.goto("/desk/transfers/")
    expect(page.locator("main")).to_contain_text("Held back, or tried again later")
    expect(page.locator("main")).to_contain_text("Business associate agreement")
    desk.look("desk-transfers", "held")
    page.goto("/desk/transfers/new/")
    page.get_by_label("Study Instance UID").fill(uid(1))
    page.get_by_label("Patient number there").fill("RC-77")
    page.get_by_role("button", name="Show what changes").click()
    expect(page.locator("#to")).to_be_visible()
    desk.forgive()
    desk.look("desk-transfer-new", "refused")


def test_a_new_agreement_lets_the_rest_go_each_object_once(houses: Houses) -> None:
    houses.needs("held")
    told(houses.hospital.server, "renew")
    page, until = houses.seen.page, time.monotonic() + _SECONDS
    while far(houses) < _COUNT:
        assert time.monotonic() < until, page.locator("main").inner_text()
        time.sleep(1)
    while "On its way" in page.locator("main").inner_text():  # the clinic says what it keeps
        assert time.monotonic() < until, page.locator("main").inner_text()
        time.sleep(1)
        far(houses)
    expect(page.locator("main")).to_contain_text("Arrived whole")
    expect(page.locator("main")).to_contain_text("The receiver says that it keeps them all.")
    houses.seen.look("transfer", "sent")
    page.goto("/transfers/")
    houses.seen.look("transfers")
    houses.done.add("sent")


def test_both_ledgers_say_the_same(houses: Houses) -> None:
    houses.needs("sent")
    here, there = told(houses.hospital.server, "ledger"), told(houses.clinic, "ledger")
    assert len(here["sent"]) == _COUNT
    assert here["sent"] == there["kept"]
    (transfer,) = here["transfers"]
    assert (transfer["state"], transfer["sent"]) == ("sent", _COUNT)
    assert transfer["proof"] == transfer["proved"]
    assert sum(count for _, count in here["disclosed"]) == _COUNT
    assert here["disclosed"][-1][0] == "complete"
    stored, known, refused = there["came"]
    assert (stored, refused) == (_COUNT, 0)
    assert known <= houses.on_its_way  # sent again under its name, and known by it
