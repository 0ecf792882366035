"""L27: your exams are yours; nobody acts for you but whom you chose or two people verified."""

from __future__ import annotations

import pytest

from acting import make_helper
from cast import Person, make_person, messages_to, party_of_person
from safelight.exchange.access.representing.ending import end_acting
from safelight.exchange.access.representing.lists import acting_for
from safelight.exchange.release.activity import activity
from safelight.exchange.release.viewing.overview import exams
from safelight.kernel import clock
from safelight.records.accounts.models import Kind
from safelight.records.accounts.queries import address_of
from safelight.records.imaging.models import PatientRecord, Study
from story import Story, begin_story

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_the_owner_sees_who_acts_and_what_they_did_and_ends_it(
    story: Story, stranger: Person
) -> None:
    row = make_helper(story.owner, stranger)
    assert messages_to(address_of(story.owner.account))[-1][0] == "acting-began"
    path = "/dicomweb" + story.address + "/frames/1"
    assert story.web.get(path, headers=stranger.headers).status_code == 200

    assert [each.name for each in acting_for(story.party)] == ["Stan Stranger"]
    looked = {each.who for each in activity(story.party, at=clock.now()) if each.did == "looked"}
    assert "Stan Stranger" in looked

    end_acting(story.party, row.pk, at=clock.now())
    assert story.web.get(path, headers=stranger.headers).status_code == 404


def test_a_helper_of_the_patient_reaches_what_a_hospital_keeps_of_them_only_once_it_is_theirs(
    story: Story, stranger: Person, clinician: Person
) -> None:
    make_helper(story.owner, stranger)
    kept = begin_story(story.web, clinician)
    seen = {each.study_id for each in exams(party_of_person(stranger), at=clock.now())}
    assert kept.study_id not in seen

    # The hospital has linked its record to the person it is about.
    patient = Study.objects.get(pk=kept.study_id).patient_id
    PatientRecord.objects.filter(pk=patient).update(account_id=story.owner.account.pk)
    for person in (story.owner, stranger):
        seen = {each.study_id for each in exams(party_of_person(person), at=clock.now())}
        assert kept.study_id in seen
    nobody = make_person("Nina Nobody", Kind.INDIVIDUAL)
    assert exams(party_of_person(nobody), at=clock.now()) == []
