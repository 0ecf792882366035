"""L28: no name, no address and no house you share lets anybody in."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from acting import ask, make_staff
from cast import Person, make_person, party_of_person
from safelight.exchange.access.who_sees import who_can_see
from safelight.exchange.release.viewing.overview import exams
from safelight.kernel import clock
from safelight.records.accounts.models import Kind
from safelight.records.accounts.queries import address_of
from story import CT, Story, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_family_sees_nothing_and_hears_of_nothing(story: Story) -> None:
    for name in ("Otto Owner", "Olga Owner-Twin"):
        person = make_person(name, Kind.INDIVIDUAL)
        assert exams(party_of_person(person), at=clock.now()) == []
        answer = story.web.get("/dicomweb" + story.address + "/frames/1", headers=person.headers)
        assert answer.status_code == 404
    assert [row.way for row in who_can_see(story.study_id, at=clock.now())] == ["owner"]


def test_the_same_patient_in_two_vaults_does_not_join_them(story: Story, stranger: Person) -> None:
    store(story.web, stranger, CT.read_bytes())
    (own,) = exams(party_of_person(stranger), at=clock.now())
    assert own.study_id != story.study_id
    assert own.pictures == 1
    (owners,) = exams(story.party, at=clock.now())
    assert (owners.study_id, owners.people) == (story.study_id, 0)


def test_a_colleague_without_the_patient_in_their_care_sees_nothing(
    web: TestClient, clinician: Person
) -> None:
    store(web, clinician, CT.read_bytes())
    assert len(exams(party_of_person(clinician), at=clock.now())) == 1
    colleague = make_person("Carl Colleague", Kind.PROVIDER, "Example Hospital")
    assert exams(party_of_person(colleague), at=clock.now()) == []
    assert web.get("/dicomweb/studies", headers=colleague.headers).content == b""


def test_being_a_parent_by_name_address_or_asking_opens_nothing(story: Story) -> None:
    mother = make_person("Ottilie Owner", Kind.INDIVIDUAL)
    make_staff("Otis Officer")
    ask(mother, name="Olga Owner", address=address_of(story.owner.account))
    assert exams(party_of_person(mother), at=clock.now()) == []
    assert [row.way for row in who_can_see(story.study_id, at=clock.now())] == ["owner"]
