"""Which exams stand beside an exam: of one record or one claimed person, never by what is alike."""

from __future__ import annotations

import json
import re
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from cast import Person, app_code, give_second_factor, make_person, party_of_person
from copying import draft_of_a_copy, signed
from passing import shown_to
from safelight.exchange.access.bounds import among_patients_exams
from safelight.exchange.release.inbox.timeline import timeline
from safelight.exchange.release.models import Look
from safelight.exchange.release.viewing.overview import exam
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.records.accounts.models import Kind
from safelight.records.accounts.queries import address_of
from safelight.records.imaging.models import PatientRecord, Study, StudyCopy
from story import Story, accept_share, another_ct, browser_of, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def file(web: TestClient, person: Person, number: str, **values: object) -> UUID:
    """File one more exam, and return it."""
    own = f"1.2.826.0.1.7.{number}"
    said = {
        "PatientID": "MRN-7",
        "PatientName": "Same^Name",
        "PatientBirthDate": "19700203",
        "BodyPartExamined": "CHEST",
        "StudyInstanceUID": own,
        "SeriesInstanceUID": f"{own}.1",
        "SOPInstanceUID": f"{own}.1.1",
    }
    store(web, person, another_ct(**(said | values)))
    return Study.objects.latest("received_at").pk


def others(person: Person, study_id: UUID) -> list[UUID]:
    return [
        each.row.study_id for each in timeline(party_of_person(person), study_id, at=clock.now())
    ]


def test_one_record_in_order_of_time_and_what_can_be_compared(
    web: TestClient, clinician: Person
) -> None:
    now = file(web, clinician, "1", StudyDate="20260301")
    older = file(web, clinician, "2", StudyDate="20240301", Modality="MR")
    knee = file(web, clinician, "3", StudyDate="20250301", BodyPartExamined="KNEE")
    other = file(web, clinician, "4", PatientID="MRN-8")
    later = file(web, clinician, "5", StudyDate="20260401")
    assert others(clinician, now) == [later, knee, older]
    assert others(clinician, other) == []

    priors = timeline(party_of_person(clinician), now, at=clock.now())
    assert [each.is_earlier for each in priors] == [False, True, True]
    assert [each.is_comparable for each in priors] == [True, False, True]
    assert all(each.is_beside for each in priors)
    assert [each.row.modalities for each in priors] == [("CT",), ("CT",), ("MR",)]
    assert priors[1].row.parts == {"Knee"}

    browser = browser_of(clinician, app_code(give_second_factor(clinician)))
    page = browser.get(f"/exams/{to_text(now)}/").content.decode()
    assert page.count("Same part of the body") == 2
    assert f"/exams/{to_text(now)}/workplace/?beside={to_text(older)}" in page
    beside = browser.get(f"/exams/{to_text(now)}/workplace/?beside={to_text(older)}")
    assert "1.2.826.0.1.7.1%2C1.2.826.0.1.7.2" in beside.content.decode()
    alone = browser.get(f"/exams/{to_text(now)}/workplace/?beside={to_text(other)}")
    assert "1.2.826.0.1.7.4" not in alone.content.decode()
    # A small screen has little of the full viewer, and is told where there is more.
    assert f'<a href="/exams/{to_text(now)}/view/">Open the light viewer</a>' in " ".join(
        alone.content.decode().split()
    )


def test_another_institution_with_the_same_number_name_and_day_is_another_record(
    web: TestClient, clinician: Person
) -> None:
    here = file(web, clinician, "1")
    elsewhere = make_person("Otto Other", Kind.PROVIDER, "Other Clinic")
    there = file(web, elsewhere, "2")
    # Somebody who works at both and treats both sees two records still.
    both = make_person("Bea Both", Kind.PROVIDER, "Example Hospital")
    for person in (clinician, elsewhere):
        membership = person.account.memberships.get()
        both.account.memberships.get_or_create(
            organization=membership.organization, role=membership.role
        )
    from safelight.exchange.access.load import care_began  # noqa: PLC0415

    for study in Study.objects.all():
        care_began(study.vault_id, study.patient_id, both.account.pk, at=clock.now())
    assert {len(others(both, here)), len(others(both, there))} == {0}

    # The person claims both, and only then they are one person's.
    person = make_person("Pat Person", Kind.INDIVIDUAL)
    PatientRecord.objects.update(account_id=person.account.pk)
    assert others(both, here) == [there]
    (prior,) = timeline(party_of_person(both), here, at=clock.now())
    assert not prior.is_beside  # the full viewer is bound to one record
    assert others(clinician, here) == []  # and nobody sees more by it


def test_what_a_consent_gives_is_told_as_it_was_agreed_and_opens_nothing(
    story: Story, clinician: Person
) -> None:
    story.add(
        another_ct(
            StudyInstanceUID="1.2.826.0.1.5",
            SeriesInstanceUID="1.2.826.0.1.5.1",
            SOPInstanceUID="1.2.826.0.1.5.2",
        )
    )
    second = Study.objects.exclude(pk=story.study_id).get().pk
    shown_to(story, clinician)
    assert others(clinician, story.study_id) == []  # it was not given
    assert others(story.owner, story.study_id) == [second]
    first_series = story.series_id
    story.study_id, story.series_id = (
        second,
        exam(story.party, second, at=clock.now()).summary.series[0].series_id,
    )
    accept_share(story.share(address=address_of(clinician.account)), clinician)
    story.series_id = first_series
    mine = Look.objects.filter(actor=party_of_person(clinician).name)
    before = mine.count()
    assert len(others(clinician, second)) == 1
    assert mine.count() == before


def test_a_copy_without_a_name_stands_beside_nothing(story: Story, clinician: Person) -> None:
    draft_id = draft_of_a_copy(story, looked_at=True, address=address_of(clinician.account))
    accept_share(signed(story, draft_id), clinician)
    shown_to(story, clinician)
    copy = StudyCopy.objects.get().study_id
    assert Study.objects.get(pk=copy).patient_id == Study.objects.get(pk=story.study_id).patient_id
    for person in (clinician, story.owner):
        assert others(person, copy) == others(person, story.study_id) == []
    party = party_of_person(clinician)
    assert among_patients_exams(party, copy).only == frozenset({copy})
    assert among_patients_exams(party, story.study_id).only == frozenset({story.study_id})


def test_the_light_viewer_offers_a_clinician_no_other_patients_exam(
    web: TestClient, clinician: Person
) -> None:
    now = file(web, clinician, "1")
    file(web, clinician, "2")
    file(web, clinician, "3", PatientID="MRN-8")
    browser = browser_of(clinician, app_code(give_second_factor(clinician)))
    page = browser.get(f"/exams/{to_text(now)}/view/").content.decode()
    found = re.search(r'<script[^>]*type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found is not None
    compared = [each["study"] for each in json.loads(found[1])["compare_with"]]
    assert compared == ["1.2.826.0.1.7.2"]
