"""What is known is recognised, what contradicts it waits, and nothing is overwritten."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from asking import (
    FAILED,
    REASON,
    SENTENCE,
    STORED,
    address,
    fetch,
    send,
)
from cast import Person
from objects import a_file, uid
from safelight.records.imaging.models import Instance, PatientRecord, ReviewItem

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_the_same_bytes_again_are_a_success_and_no_new_object(
    web: TestClient, owner: Person
) -> None:
    assert send(web, owner, a_file()).status_code == 200
    again = send(web, owner, a_file(), a_file())
    assert again.status_code == 200
    assert len(again.json()[STORED]["Value"]) == 2
    assert Instance.objects.count() == 1


def test_other_bytes_under_a_known_uid_wait_and_never_overwrite(
    web: TestClient, owner: Person
) -> None:
    first, other = a_file(), a_file(SeriesDescription="changed")
    assert send(web, owner, first).status_code == 200
    for _ in range(2):
        answer = send(web, owner, other)
        assert answer.status_code == 409
        (failure,) = answer.json()[FAILED]["Value"]
        assert failure[REASON]["Value"] == [0x0111]
        assert "Nothing was overwritten" in failure[SENTENCE]["Value"][0]
    assert fetch(web, owner, address()) == first
    assert ReviewItem.objects.count() == 1
    both = send(web, owner, first, other, a_file(2))
    assert both.status_code == 202
    assert len(both.json()[STORED]["Value"]) == 2


def test_the_same_uid_twice_in_one_delivery_keeps_the_first(web: TestClient, owner: Person) -> None:
    answer = send(web, owner, a_file(), a_file(SeriesDescription="changed"), a_file())
    assert answer.status_code == 202
    assert len(answer.json()[STORED]["Value"]) == 2
    assert fetch(web, owner, address()) == a_file()


@pytest.mark.parametrize(
    "other",
    [{"PatientID": "OTHER"}, {"PatientName": "Else^Someone"}, {"PatientBirthDate": "19800101"}],
)
def test_another_person_in_the_same_study_waits(
    web: TestClient, owner: Person, other: dict[str, Any]
) -> None:
    assert send(web, owner, a_file(1)).status_code == 200
    answer = send(web, owner, a_file(2, **other), a_file(3))
    assert answer.status_code == 202
    (failure,) = answer.json()[FAILED]["Value"]
    assert "another person" in failure[SENTENCE]["Value"][0]
    assert PatientRecord.objects.count() == 1
    found = web.get(f"/dicomweb/studies/{uid(1)}/instances", headers=owner.headers).json()
    assert len(found) == 2


def test_a_birth_date_that_one_picture_omits_is_no_contradiction(
    web: TestClient, owner: Person
) -> None:
    assert send(web, owner, a_file(1)).status_code == 200
    assert send(web, owner, a_file(2, PatientBirthDate="")).status_code == 200


def test_people_without_an_id_are_not_taken_for_one_another(
    web: TestClient, clinician: Person
) -> None:
    files = [
        a_file(study=1, PatientID="", PatientName="Berg^Anna"),
        a_file(study=2, PatientID="", PatientName="Tal^Otto"),
        a_file(study=3, PatientID="", PatientName=""),
        a_file(study=4, PatientID="", PatientName=""),
    ]
    assert send(web, clinician, *files).status_code == 200
    assert PatientRecord.objects.count() == 4


def test_two_vaults_with_the_same_exam_know_nothing_of_each_other(
    web: TestClient, owner: Person, stranger: Person
) -> None:
    assert send(web, owner, a_file()).status_code == 200
    other = a_file(SeriesDescription="other bytes")
    assert send(web, stranger, other).status_code == 200
    assert fetch(web, owner, address()) == a_file()
    assert fetch(web, stranger, address()) == other
    assert ReviewItem.objects.count() == 0
