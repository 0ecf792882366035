"""L30: of each exam it is known who brought it, by which door, when, and under which agreement."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from starlette.testclient import TestClient

from acting import make_staff
from asking import send
from cast import Person, app_code, give_second_factor, make_person, party_of_person
from objects import a_file
from partnering import a_bond, a_certificate, a_house, a_partner
from safelight.dicom.source import BytesSource
from safelight.exchange.access.systems import require_open
from safelight.exchange.receive.delivery import Delivery
from safelight.exchange.receive.models import Channel
from safelight.exchange.receive.reconciling import NEW_RECORD, file_at_desk
from safelight.exchange.release.brought_in import brought_in
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.records.accounts.models import Kind, Role
from safelight.records.imaging.models import PatientRecord, ReviewItem, Study
from story import Story, browser_of
from uploading import ATTESTED, FOR_A_PATIENT, bundled, pictures
from uploading import browser_of as uploader_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def latest() -> Study:
    return Study.objects.latest("received_at")


def page(browser: Client) -> str:
    answer = browser.get(f"/exams/{to_text(latest().pk)}/")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_an_owner_reads_by_which_door_they_brought_it(web: TestClient, owner: Person) -> None:
    uploader = uploader_of(web, owner)
    uploader.send(uploader.open_batch(attestation=ATTESTED), bundled(*pictures()))
    told = page(browser_of(owner, app_code(give_second_factor(owner))))
    assert "Brought in by" in told
    assert "You, on the page for adding images" in told


def test_a_colleague_reads_who_brought_it_and_when(web: TestClient, clinician: Person) -> None:
    before = clock.now()
    assert send(web, clinician, a_file()).status_code == 200
    known = brought_in(party_of_person(clinician), latest().pk, at=clock.now())
    assert known is not None
    assert (known.sender, known.is_own, known.channel) == (
        clinician.account.name,
        True,
        Channel.STOW,
    )
    assert before <= known.at <= clock.now()


def test_what_a_desk_uploads_for_a_patient_says_on_what_it_rests(
    web: TestClient, owner: Person
) -> None:
    dana = make_staff("Dana Desk", Role.IMAGING_DESK)
    uploader = uploader_of(web, dana)
    uploader.send(uploader.open_batch(attestation=FOR_A_PATIENT), bundled(a_file()))
    PatientRecord.objects.update(account_id=owner.account.pk)
    told = page(browser_of(owner, app_code(give_second_factor(owner))))
    assert "Dana Desk, on the page for adding images, handed over by the patient" in told


@pytest.mark.parametrize(
    "said",
    [
        {"whose": "mine"},
        {"whose": "represented"},
        {"whose": "patient"},
        {"whose": "patient", "basis": ""},
        {"whose": "patient", "basis": "because"},
        {"whose": "patient", "basis": ["for-treatment"]},
        {"whose": "mine", "basis": "for-treatment"},
        {"whose": "patient", "basis": "for-treatment", "accurate": False},
    ],
)
def test_nobody_brings_in_a_patients_records_without_saying_why(
    web: TestClient, said: dict[str, object]
) -> None:
    uploader = uploader_of(web, make_staff("Dana Desk", Role.IMAGING_DESK))
    asked = {"attestation": {"accurate": True} | said, "expected": {"files": 1, "bytes": 1}}
    answer = uploader.ask("POST", "/uploads/batches", json=asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid:attestation")


def test_a_person_declares_for_themselves_and_not_as_an_institution(
    web: TestClient, owner: Person
) -> None:
    asked = {"attestation": FOR_A_PATIENT, "expected": {"files": 1, "bytes": 1}}
    assert uploader_of(web, owner).ask("POST", "/uploads/batches", json=asked).status_code == 422


def test_what_a_partner_sent_says_which_and_under_which_agreement(
    web: TestClient, owner: Person, tmp_path: Path
) -> None:
    assert web
    house, today = a_house(), clock.now().date()
    bond = a_bond(house, a_partner(house), a_certificate(tmp_path))
    bond.agree("baa", today, today)
    system = bond.come()
    assert system is not None
    delivery = Delivery.start(require_open(system, at=clock.now()), Channel.DIMSE, at=clock.now())
    delivery.take(0, BytesSource(a_file()))
    delivery.finish(at=clock.now())
    PatientRecord.objects.update(account_id=owner.account.pk)
    known = brought_in(party_of_person(owner), latest().pk, at=clock.now())
    assert known is not None
    assert (known.sender, known.partner) == (bond.row.name, "River Clinic")
    assert known.agreements == ("baa",)
    told = page(browser_of(owner, app_code(give_second_factor(owner))))
    assert "River Clinic, from system to system (DICOM), Business associate agreement" in told


def test_what_the_desk_filed_still_says_who_sent_it(web: TestClient, clinician: Person) -> None:
    assert send(web, clinician, a_file()).status_code == 200
    assert send(web, clinician, a_file(study=2, PatientName="Else^Someone")).status_code == 409
    desk = party_of_person(make_staff("Dana Desk", Role.IMAGING_DESK))
    file_at_desk(desk, ReviewItem.objects.get().pk, NEW_RECORD, "Two people", at=clock.now())
    first = Study.objects.earliest("received_at")
    assert latest().batch_id is not None
    assert latest().batch_id != first.batch_id
    assert ReviewItem.objects.get().batch_id == latest().batch_id


def test_nobody_else_is_told_who_brought_it(story: Story) -> None:
    stranger = make_person("Sven Stranger", Kind.INDIVIDUAL)
    colleague = make_person("Nora Neighbour", Kind.PROVIDER, "Example Hospital")
    for person in (stranger, colleague):
        assert brought_in(party_of_person(person), story.study_id, at=clock.now()) is None
    assert brought_in(story.party, story.study_id, at=clock.now()) is not None
