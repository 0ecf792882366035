"""What contradicts a record waits for the desk, which compares, rejects and takes back."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from starlette.testclient import TestClient

from acting import make_staff
from asking import fetch, send
from cast import Person, app_code, give_second_factor, make_person
from objects import a_file, uid
from safelight.dicom.source import BytesSource
from safelight.exchange.receive.look_over import look_over, packed
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from safelight.records.accounts.models import Kind, Role
from safelight.records.imaging.arrivals import Outcome, marks_of
from safelight.records.imaging.erasing import erase_study
from safelight.records.imaging.filing import Filing, make_durable
from safelight.records.imaging.models import (
    Instance,
    PatientRecord,
    ReviewItem,
    ReviewState,
    Study,
    Vault,
)
from safelight.records.imaging.upkeep.shelved import needed
from safelight.surfaces.web.trail_words import words_of
from story import browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

WAITING = "/desk/waiting/"
_ROOMS = (("", WAITING), (" line", "/desk/records/"), (" line", "/desk/care/"))


@pytest.fixture
def desk(web: TestClient, clinician: Person) -> Client:
    """Let a hospital hold one exam, and two things that contradict it."""
    sent = (
        a_file(1),
        a_file(1, SeriesDescription="changed"),
        a_file(2, PatientName="Else^Someone", PatientBirthDate="19800101"),
    )
    assert send(web, clinician, *sent).status_code == 202
    dana = make_staff("Dana Desk", Role.IMAGING_DESK)
    return browser_of(dana, app_code(give_second_factor(dana)))


def item(reason: str) -> ReviewItem:
    return ReviewItem.objects.get(reason__startswith=reason)


def page_of(row: ReviewItem) -> str:
    return f"{WAITING}{to_text(row.pk)}/"


def test_the_list_says_who_sent_what_by_which_door_and_why_it_waits(
    desk: Client, clinician: Person
) -> None:
    page = desk.get(WAITING).content.decode()
    assert "Other bytes under a name that is known" in page
    assert "Another person in the same exam" in page
    assert page.count(clinician.account.name) == 2
    assert page.count("STOW-RS") == 2
    assert Entry.objects.filter(kind="desk-waiting.listed").count() == 1
    assert words_of("desk-waiting.listed") != "desk-waiting.listed"


def test_the_desk_comes_home_to_its_own_work(desk: Client) -> None:
    read = Entry.objects.filter(kind="desk-waiting.listed").count()
    home = desk.get("/").content.decode()
    assert "2 exams wait for you." in home
    places = [home.index(f'<a class="btn{kind}" href="{at}"') for kind, at in _ROOMS]
    assert places == sorted(places)
    assert "Exams you may look at" not in home
    # A number names nobody: no list was read by coming home.
    assert Entry.objects.filter(kind="desk-waiting.listed").count() == read


def test_a_clinician_comes_home_to_exams_and_to_no_desk(clinician: Person) -> None:
    home = browser_of(clinician, app_code(give_second_factor(clinician))).get("/").content.decode()
    assert "Exams you may look at" in home
    assert WAITING not in home


def test_another_person_is_set_beside_the_records_it_may_belong_to(desk: Client) -> None:
    page = desk.get(page_of(item("other-patient"))).content.decode()
    assert "Someone Else" in page
    assert "1980-01-01" in page
    assert page.count("(differs)") == 2, "name and day of birth differ"
    assert "1 of 3" in page
    (read,) = Entry.objects.filter(kind="desk-waiting.read")
    assert read.subject == f"object/{item('other-patient').pk}"


def test_other_bytes_are_set_beside_what_is_kept(desk: Client) -> None:
    page = desk.get(page_of(item("other-bytes"))).content.decode()
    assert "(0008,103E)" in page
    assert "changed" not in page, "which elements differ is said, not what they hold"


def test_what_is_rejected_is_kept_and_comes_back_as_it_was(
    desk: Client, web: TestClient, clinician: Person
) -> None:
    row, before = item("other-patient"), needed()
    place = page_of(row) + "decide/"
    assert (
        desk.post(place, {"act": "reject", "because": "no reason of the list"}).status_code == 422
    )
    assert desk.post(place, {"act": "reject", "because": "wrong-patient"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.decided_as) == (ReviewState.REJECTED, "wrong-patient")
    assert needed() == before, "its bytes are still needed"
    page = desk.get(WAITING).content.decode()
    assert "It belongs to another patient" in page
    again = send(web, clinician, a_file(2, PatientName="Else^Someone", PatientBirthDate="19800101"))
    assert again.status_code == 409
    assert ReviewItem.objects.count() == 2, "what was rejected does not come in again"
    assert desk.post(place, {"act": "reject", "because": "damaged"}).status_code == 409
    assert desk.post(place, {"act": "back"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.decided_at, row.decided_as) == (ReviewState.WAITING, None, "")
    told = (
        Entry.objects.filter(subject=f"object/{row.pk}")
        .exclude(kind="desk-waiting.read")
        .order_by("row")
    )
    assert [each.kind for each in told] == ["desk-waiting.rejected", "desk-waiting.reopened"]
    assert "wrong-patient" in told[0].text


@pytest.mark.parametrize("reason", ["other-patient", "other-bytes"])
def test_what_was_rejected_stays_out_when_what_it_contradicted_is_erased(
    desk: Client, web: TestClient, clinician: Person, reason: str
) -> None:
    sent = {
        "other-patient": a_file(2, PatientName="Else^Someone", PatientBirthDate="19800101"),
        "other-bytes": a_file(1, SeriesDescription="changed"),
    }
    place = page_of(item(reason)) + "decide/"
    desk.post(place, {"act": "reject", "because": "wrong-patient"})
    assert erase_study(Study.objects.get(), at=clock.now())
    assert send(web, clinician, sent[reason]).status_code == 409
    assert not Instance.objects.exists()
    desk.post(place, {"act": "back"})
    is_alone = reason == "other-bytes"  # the record is another person's still
    assert send(web, clinician, sent[reason]).status_code == (200 if is_alone else 409)


def test_a_rejection_is_seen_by_what_was_under_way_before_it(
    desk: Client, web: TestClient, clinician: Person
) -> None:
    """Bytes that were packed before the decision are weighed once more when they are filed."""
    row, vault = item("other-patient"), Vault.objects.get()
    source = BytesSource(a_file(2, PatientName="Else^Someone", PatientBirthDate="19800101"))
    looked = look_over(source)
    arrival = packed(looked, source, marks_of(vault, looked.header, looked.digest))
    assert erase_study(Study.objects.get(), at=clock.now())
    ready = make_durable(vault, [arrival])
    desk.post(page_of(row) + "decide/", {"act": "reject", "because": "wrong-patient"})
    with transaction.atomic():
        (filed,) = Filing(vault, ready, at=clock.now()).file_all()
    assert filed.outcome is Outcome.REVIEW
    assert not Instance.objects.exists()


@pytest.mark.parametrize(
    "said", [{"PatientName": "Else^Someone"}, {"PatientBirthDate": "19800101"}]
)
def test_a_new_exam_under_another_persons_number_waits(
    desk: Client, web: TestClient, clinician: Person, said: dict[str, Any]
) -> None:
    answer = send(web, clinician, a_file(1, study=2, **said))
    assert answer.status_code == 409
    assert "Somebody else has the patient number" in answer.text
    assert Study.objects.count() == PatientRecord.objects.count() == 1
    page = desk.get(page_of(item("other-person-in-the-record"))).content.decode()
    assert "A new exam, under the number of another person" in page
    assert page.count("(differs)") == 1


def test_a_new_exam_that_contradicts_nothing_is_filed(
    desk: Client, web: TestClient, clinician: Person
) -> None:
    assert desk.get(WAITING).status_code == 200
    for study, name in ((2, "BERG^ANNA^"), (3, None)):
        assert send(web, clinician, a_file(1, study=study, PatientName=name)).status_code == 200
    assert PatientRecord.objects.count() == 1
    other_number = a_file(1, study=4, PatientID="AB-18", PatientName="Else^Someone")
    assert send(web, clinician, other_number).status_code == 200
    assert PatientRecord.objects.count() == 2


def test_in_a_persons_own_vault_two_people_of_one_number_have_two_records(
    web: TestClient, owner: Person
) -> None:
    sent = (a_file(1), a_file(1, study=2, PatientName="Else^Someone"), a_file(1, study=3))
    assert send(web, owner, *sent).status_code == 200
    assert send(web, owner, a_file(1, study=4, PatientName="Else^Someone")).status_code == 200
    of_each = [row.patient_id for row in Study.objects.order_by("received_at", "pk")]
    assert PatientRecord.objects.count() == len(set(of_each)) == 2


def test_what_waits_is_served_to_nobody(desk: Client, web: TestClient, clinician: Person) -> None:
    """The desk reads what a header says; no door gives out the object itself."""
    row = item("other-patient")
    found = web.get(f"/dicomweb/studies/{uid(1)}/instances", headers=clinician.headers).json()
    assert len(found) == Instance.objects.count() == 1
    assert fetch(web, clinician, f"/dicomweb/studies/{uid(1)}") == a_file(1)
    assert desk.get(f"/exams/{to_text(row.pk)}/").status_code == 404


def test_nobody_else_sees_the_desk_or_another_hospitals_items(desk: Client) -> None:
    places = (WAITING, page_of(item("other-bytes")))
    colleague = make_person("Carl Colleague", Kind.PROVIDER, "Example Hospital")
    here = browser_of(colleague, app_code(give_second_factor(colleague)))
    assert [here.get(place).status_code for place in places] == [404, 404]
    other = make_person("Odo Other", Kind.PROVIDER, "Other Hospital")
    other.account.memberships.update(role=Role.IMAGING_DESK)
    there = browser_of(other, app_code(give_second_factor(other)))
    assert there.get(places[1]).status_code == 404
    assert there.post(places[1] + "decide/", {"act": "back"}).status_code == 404
    assert "Nothing waits" in there.get(WAITING).content.decode()
