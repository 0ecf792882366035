"""Do real acts come to the alerts they are for, and what is almost the same to none?"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings as Settings
from starlette.testclient import TestClient

from acting import make_staff
from asking import send, store
from cast import Person, make_person, party_of_person
from objects import a_file, element, uid
from powers import break_the_glass, browser_for, emergency, security_officer
from safelight.exchange.access.powers.reviewing import review
from safelight.governance.recovery.jobs import back_up_when_due
from safelight.governance.watch import thresholds
from safelight.governance.watch.models import Alert
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.records.accounts import allowances
from safelight.records.accounts.models import Kind, StaffRole, State
from safelight.records.accounts.staff import appoint
from story import Story, another_ct
from story import store as store_exam
from watching import alerts, look_now

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

TOO_MUCH = 200  # MiB, where 128 are the most


def forms(rule: str) -> set[tuple[str, int]]:
    return {(each.form, each.count) for each in alerts(rule)}


def bomb() -> bytes:
    """Return an object of two hundred KiB that unpacks to two hundred MiB."""
    whole = a_file()
    at = whole.index(b"\x08\x00\x05\x00CS")
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(whole[at : at + 400])
    packed += packer.compress(element(0x0009, 0x1001, b"OB", b"", length=TOO_MUCH << 20))
    packed += b"".join(packer.compress(bytes(1 << 20)) for _ in range(TOO_MUCH)) + packer.flush()
    plain, deflated = b"\x14\x001.2.840.10008.1.2.1\0", b"\x16\x001.2.840.10008.1.2.1.99"
    meta = bytearray(whole[:at].replace(plain, deflated))
    assert len(meta) == at + 2
    length = int.from_bytes(meta[140:144], "little")
    meta[140:144] = (length + 2).to_bytes(4, "little")
    return bytes(meta) + packed


def test_one_bomb_at_the_door_is_an_alert_and_a_cut_file_is_none(
    web: TestClient, owner: Person
) -> None:
    assert send(web, owner, a_file()[:-100]).status_code == 409
    look_now()
    assert not alerts("D9")
    assert send(web, owner, bomb()).status_code == 409
    look_now()
    (alert,) = alerts("D9")
    assert (alert.form, alert.count) == ("hostile", 1)
    assert alert.subject == f"account/{owner.account.pk}"


def test_emergency_access_is_an_alert_each_time(web: TestClient, clinician: Person) -> None:
    of_whom = {"PatientID": "MRN-7", "PatientBirthDate": "19700203"}
    store_exam(web, clinician, another_ct(**of_whom))
    look_now()
    assert not alerts("D5")
    doctor = make_person("Dora Duty", Kind.PROVIDER, "Example Hospital")
    break_the_glass(doctor, emergency("MRN-7", "1970-02-03"))
    look_now()
    assert forms("D5") == {("broken", 1)}


def test_the_fourth_emergency_of_a_week_suspends_whoever_opens_them(
    web: TestClient, clinician: Person
) -> None:
    for number in range(1, 5):
        of_whom = a_file(study=number, PatientID=f"MRN-{number}", PatientBirthDate="19700203")
        store(web, clinician, of_whom)
    doctor = make_person("Dora Duty", Kind.PROVIDER, "Example Hospital")
    opened = [
        break_the_glass(doctor, emergency(f"MRN-{number}", "1970-02-03")) for number in range(1, 4)
    ]
    look_now()
    assert {form for form, _ in forms("D5")} == {"broken"}
    doctor.account.refresh_from_db()
    assert doctor.account.state == State.ACTIVE
    officer = party_of_person(make_staff("Otis Officer"))  # three that nobody looked at are most
    review(officer, opened[0].pk, "justified", "Seen", at=clock.now())
    break_the_glass(doctor, emergency("MRN-4", "1970-02-03"))
    look_now()
    (often,) = (each for each in alerts("D5") if each.form == "often")
    assert (often.count, often.severity) == (4, "high")
    doctor.account.refresh_from_db()
    assert doctor.account.state == State.SUSPENDED


def test_a_role_that_is_given_is_an_alert_and_one_that_was_there_is_none(owner: Person) -> None:
    officer = security_officer()
    look_now()
    Alert.objects.all().delete()
    actor = officer.party.name
    appoint(officer.id, StaffRole.SECURITY_OFFICER, by=actor, at=clock.now())
    look_now()
    assert not alerts("D11")
    appoint(owner.account.pk, StaffRole.AUDITOR, by=actor, at=clock.now())
    look_now()
    assert forms("D11") == {("changed", 1)}
    later = clock.now() + timedelta(seconds=1)
    appoint(owner.account.pk, StaffRole.SUPPORT, by=actor, at=later)
    look_now()
    assert ("twice", 2) in forms("D11")


def test_the_eleventh_removal_in_a_minute_stops_and_is_an_alert(
    web: TestClient, owner: Person
) -> None:
    allowances.forget()
    store(web, owner, *(a_file(study=number) for number in range(1, 12)))

    def remove(number: int) -> int:
        at = f"/dicomweb/studies/{uid(number)}"
        return web.delete(at, headers=owner.headers).status_code

    assert {remove(number) for number in range(1, 11)} == {204}
    look_now()
    assert not alerts("D12")
    assert remove(11) == 429
    look_now()
    assert ("removed", 11) in forms("D12")


def test_the_fifty_first_removal_in_an_hour_is_an_alert_however_slowly_they_came(
    web: TestClient, owner: Person, moved_clock: Callable[[timedelta], datetime]
) -> None:
    allowances.forget()
    store(web, owner, *(a_file(study=number) for number in range(1, 52)))

    def remove(number: int) -> int:
        if number % 10 == 1:
            moved_clock(timedelta(seconds=61))
        return web.delete(f"/dicomweb/studies/{uid(number)}", headers=owner.headers).status_code

    assert {remove(number) for number in range(1, 51)} == {204}
    look_now()
    assert not alerts("D12")
    assert remove(51) == 429
    look_now()
    assert forms("D12") == {("many", 51)}


def test_the_second_backup_that_fails_is_an_alert(settings: Settings, tmp_path: Path) -> None:
    settings.SAFELIGHT_BACKUP_TO = str(tmp_path / "backups")  # and no key, and nowhere for keys
    back_up_when_due.run({})
    look_now()
    assert not alerts("D12")
    back_up_when_due.run({})
    look_now()
    assert forms("D12") == {("backup-failed", 2)}


def test_an_hour_that_sends_out_more_than_three_of_the_largest_is_an_alert(
    story: Story,
    moved_clock: Callable[[timedelta], datetime],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(thresholds, "LEAST_EGRESS", 1)  # a little exam is to count

    def take_along(times: int) -> None:
        browser = browser_for(story.owner)  # an hour later one signs in again
        for _ in range(times):
            answer = browser.post(f"/exams/{to_text(story.study_id)}/download/", secure=True)
            assert answer.getvalue()

    into_the_hour = timedelta(minutes=clock.now().minute, seconds=clock.now().second)
    moved_clock(timedelta(hours=1) - into_the_hour)
    take_along(1)
    moved_clock(timedelta(hours=1))
    take_along(3)
    look_now()
    assert not alerts("D12")
    moved_clock(timedelta(hours=1))
    take_along(10)
    look_now()
    assert {form for form, _ in forms("D12")} == {"egress"}


def test_what_contradicts_the_vault_three_times_in_a_day_is_an_alert(
    web: TestClient, owner: Person
) -> None:
    store(web, owner, *map(a_file, range(1, 4)))
    assert send(web, owner, a_file(1)).status_code == 200
    assert send(web, owner, a_file(1, SeriesDescription="other")).status_code == 409
    for _ in range(3):  # the same again is known to wait
        assert send(web, owner, a_file(1, SeriesDescription="other")).status_code == 409
    assert send(web, owner, a_file(4, PatientName="Else^Someone")).status_code == 409
    look_now()
    assert not alerts("D14")
    assert send(web, owner, a_file(2, SeriesDescription="other")).status_code == 409
    look_now()
    (alert,) = alerts("D14")
    assert (alert.form, alert.count) == ("contradicted", 3)
    assert alert.subject == f"account/{owner.account.pk}"


def test_the_same_name_in_another_vault_contradicts_nothing(
    web: TestClient, owner: Person, clinician: Person
) -> None:
    store(web, owner, *map(a_file, range(1, 5)))
    others = [a_file(number, PatientName="Else^Someone") for number in range(1, 5)]
    store(web, clinician, *others)
    look_now()
    assert not alerts("D14")
