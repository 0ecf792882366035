"""L27: what a hospital keeps of you is yours as well, once you have shown that it is you."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from acting import make_staff
from cast import Person, make_person, party_of_person
from safelight.exchange.access.caring.lists import care_about
from safelight.exchange.access.caring.relations import CareWish, begin_care
from safelight.exchange.release.activity import activity
from safelight.exchange.release.claiming import claim_record, offer_claim
from safelight.exchange.release.viewing.find import find_study_by_id
from safelight.exchange.release.viewing.looks import look
from safelight.exchange.release.viewing.overview import exams
from safelight.kernel import clock
from safelight.records.accounts.models import Kind, Role
from safelight.records.imaging.models import Study
from story import another_ct, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

NUMBER, BORN = "MRN-7", "1970-02-03"


def test_the_patient_claims_it_and_reads_who_treats_them_why_and_who_looked(
    web: TestClient, clinician: Person, owner: Person
) -> None:
    store(web, clinician, another_ct(PatientID=NUMBER, PatientBirthDate="19700203"))
    study_id = Study.objects.get().pk
    desk = party_of_person(make_staff("Dana Desk", Role.IMAGING_DESK))
    colleague = make_person("Carl Colleague", Kind.PROVIDER, "Example Hospital")
    wish = CareWish(
        number=NUMBER,
        born_on=BORN,
        clinician=str(colleague.account.pk),
        way="referral",
        reference="R-9",
        reason="Second reading",
        ends_on=clock.now().date().isoformat(),
    )
    begin_care(desk, wish, at=clock.now())
    party = party_of_person(colleague)
    look(party, find_study_by_id(party, study_id, at=clock.now()), at=clock.now())
    assert exams(party_of_person(owner), at=clock.now()) == []

    _, code = offer_claim(desk, NUMBER, BORN, "Identity card seen", at=clock.now())
    claim_record(party_of_person(owner), code, BORN, at=clock.now())

    (mine,) = exams(party_of_person(owner), at=clock.now())
    assert mine.study_id == study_id
    said = {each.name: each.reason for each in care_about(party_of_person(owner), at=clock.now())}
    assert said == {"Clara Clinician": "", "Carl Colleague": "Second reading"}
    looked = {each.who for each in activity(party_of_person(owner), at=clock.now())}
    assert "Carl Colleague" in looked
