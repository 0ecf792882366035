"""Do real acts come to the alerts they are for, and what is almost the same to none?"""

from __future__ import annotations

import zlib
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from asking import send, store
from cast import Person, make_person
from objects import a_file, element, uid
from powers import break_the_glass, emergency, security_officer
from safelight.governance.watch.models import Alert
from safelight.kernel import clock
from safelight.records.accounts import allowances
from safelight.records.accounts.models import Kind, StaffRole
from safelight.records.accounts.staff import appoint
from story import another_ct
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
