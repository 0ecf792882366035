"""Every way to ask for exams, and what must not be found."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pydicom.dataset import Dataset
from starlette.testclient import TestClient

from cast import Person, multipart
from objects import a_file, uid
from safelight.exchange.access.parties import party_of
from safelight.exchange.release.viewing.search import Query, search_studies
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.records.accounts.actors import actor_of_token
from safelight.records.imaging.models import Study
from story import Story, another_ct, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

STUDIES = "/dicomweb/studies"
STUDY_UID, DATE, NAME = "0020000D", "00080020", "00100010"


def exams() -> list[bytes]:
    """Return three exams of two people: a CT with two series, an MR, and one without a date."""
    anna: dict[str, Any] = {"PatientName": "Berg^Anna^Maria", "PatientID": "AB-17"}
    otto: dict[str, Any] = {
        "PatientName": "Müller^Otto",
        "PatientID": "OM-2",
        "PatientBirthDate": "19501231",
    }
    return [
        a_file(1, study=1, **anna),
        a_file(2, study=1, **anna),
        a_file(1, study=1, series=2, Modality="SR", SeriesDescription="Findings", **anna),
        a_file(
            1, study=2, Modality="MR", StudyDate="20250101", StudyTime="235959.5",
            AccessionNumber="ACC-2", StudyID="S2", StudyDescription="Knee, left", **otto,
        ),
        a_file(1, study=3, Modality="US", StudyDate="", StudyTime="", AccessionNumber="", **otto),
    ]  # fmt: skip


@pytest.fixture
def filled(web: TestClient, owner: Person) -> TestClient:
    body, headers = multipart(*exams())
    answer = web.post(STUDIES, content=body, headers=headers | owner.headers)
    assert answer.status_code == 200, answer.text
    return web


def found(web: TestClient, person: Person, query: str) -> list[int]:
    """Return the numbers of the studies that a query finds."""
    answer = web.get(f"{STUDIES}?{query}", headers=person.headers)
    assert answer.status_code in {200, 204}, (query, answer.text)
    if answer.status_code == 204:
        assert answer.content == b""
        return []
    by_uid = {uid(number): number for number in (1, 2, 3)}
    return [by_uid[each[STUDY_UID]["Value"][0]] for each in answer.json()]


def test_every_key_finds_what_it_should_and_nothing_else(filled: TestClient, owner: Person) -> None:
    expected = {
        "": [1, 2, 3],
        "PatientID=AB-17": [1],
        "00100020=OM-2": [2, 3],
        "PatientID=ab-17": [],
        "PatientID=AB*": [1],
        "PatientID=%3F%3F-17": [1],
        "PatientID=": [1, 2, 3],
        "PatientID=*": [1, 2, 3],
        "AccessionNumber=ACC-2": [2],
        "AccessionNumber=ACC*": [1, 2],
        "StudyID=S2": [2],
        "StudyDescription=Knee*": [2],
        "StudyDescription=*left": [2],
        "PatientSex=F": [1, 2, 3],
        "PatientBirthDate=19501231": [2, 3],
        "ReferringPhysicianName=": [1, 2, 3],
        f"StudyInstanceUID={uid(2)}": [2],
        f"StudyInstanceUID={uid(2)},{uid(1)}": [1, 2],
        f"StudyInstanceUID={uid(2)}%5C{uid(3)}": [2, 3],
        f"0020000D={uid(9)}": [],
        "ModalitiesInStudy=SR": [1],
        "ModalitiesInStudy=CT": [1],
        "ModalitiesInStudy=XA": [],
        "NumberOfStudyRelatedSeries=2": [1],
        "NumberOfStudyRelatedInstances=3": [1],
        "StudyDate=20250101": [2],
        "StudyDate=20250101-20261231": [1, 2],
        "StudyDate=20260101-": [1],
        "StudyDate=-20250101": [2],
        "StudyDate=-20240101": [],
        "StudyTime=100000-110000": [1],
        "StudyTime=2359-": [2],
        "StudyDate=20250101&PatientID=OM-2": [2],
        "StudyDate=20250101&PatientID=AB-17": [],
        "includefield=all": [1, 2, 3],
        "includefield=StudyDescription&includefield=00081030,00080090": [1, 2, 3],
    }
    for query, numbers in expected.items():
        assert found(filled, owner, query) == numbers, query


def test_names_are_found_whatever_their_case_and_accents(filled: TestClient, owner: Person) -> None:
    expected = {
        "PatientName=Berg%5EAnna%5EMaria": [1],
        "PatientName=berg^anna^maria": [1],
        "PatientName=BERG*": [1],
        "PatientName=*anna*": [1],
        "PatientName=B?rg*": [1],
        f"PatientName={quote('müller')}*": [2, 3],
        "PatientName=muller^otto": [2, 3],
        "PatientName=Berg": [],
        "PatientName=otto&fuzzymatching=true": [2, 3],
        "PatientName=anna berg&fuzzymatching=true": [1],
        "PatientName=ann&fuzzymatching=true": [1],
        "PatientName=nna&fuzzymatching=true": [],
        "PatientName=maria berg&fuzzymatching=true": [1],
        "PatientName=*berg*&fuzzymatching=true": [1],
        "PatientName=*nna*&fuzzymatching=true": [],
        "PatientName=m?r b?rg&fuzzymatching=true": [1],
        f"PatientName={quote('MÜLL')} ott&fuzzymatching=true": [2, 3],
        "PatientName=otto berg&fuzzymatching=true": [],
        "PatientName=otto&fuzzymatching=true&PatientID=OM-2&StudyDate=2025-": [],
        "PatientName=otto&fuzzymatching=true&StudyDate=20250101-": [2],
        "PatientName=*^anna*": [1],
        "PatientName=*^maria": [1],
        "PatientName=?erg^an*^m*": [1],
        "PatientName=*^ann": [],
    }
    for query, numbers in expected.items():
        assert found(filled, owner, query) == numbers, query


def test_pages_are_cut_in_a_stable_order(filled: TestClient, owner: Person) -> None:
    assert found(filled, owner, "limit=2") == [1, 2]
    assert found(filled, owner, "limit=2&offset=2") == [3]
    assert found(filled, owner, "limit=1&offset=1") == [2]
    assert found(filled, owner, "offset=3") == []
    assert found(filled, owner, "limit=0") == []
    assert found(filled, owner, "limit=999999999") == [1, 2, 3]


@pytest.mark.parametrize(
    "query",
    [
        "limit=-1", "limit=x", "limit=1e3", "offset=%C2%B2", "limit=" + "9" * 5000,
        "NoSuchKeyword=1", "00100010.=x", "123=4", "%00=1",
    ],
)  # fmt: skip
def test_a_query_that_makes_no_sense_is_refused_by_name(
    filled: TestClient, owner: Person, query: str
) -> None:
    answer = filled.get(f"{STUDIES}?{query}", headers=owner.headers)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_pattern_made_to_be_slow_is_not(filled: TestClient, owner: Person) -> None:
    slow = "*a" * 60 + "b"
    body, headers = multipart(a_file(study=3, number=2, PatientName="Müller^Otto",
        PatientID="OM-2", StudyDate="", StudyTime="", PatientBirthDate="19501231",
        SeriesDescription="a" * 64))  # fmt: skip
    assert filled.post(STUDIES, content=body, headers=headers | owner.headers).status_code == 200
    body, headers = multipart(a_file(study=8, StudyDescription="a" * 64))
    assert filled.post(STUDIES, content=body, headers=headers | owner.headers).status_code == 200
    assert found(filled, owner, f"StudyDescription={slow}") == []


def test_answers_count_what_is_there_and_name_the_public_address(
    filled: TestClient, owner: Person
) -> None:
    headers = owner.headers | {"Host": "evil.example"}
    (answer,) = filled.get(f"{STUDIES}?PatientID=AB-17", headers=headers).json()
    assert answer["00080061"]["Value"] == ["CT", "SR"]
    assert answer["00201206"]["Value"] == [2]
    assert answer["00201208"]["Value"] == [3]
    assert answer["00081190"]["Value"] == [f"http://localhost:8000{STUDIES}/{uid(1)}"]
    assert answer["00080005"]["Value"] == ["ISO_IR 192"]


def test_series_are_searched_inside_their_study(filled: TestClient, owner: Person) -> None:
    def series(query: str) -> list[str]:
        answer = filled.get(f"{STUDIES}/{uid(1)}/series?{query}", headers=owner.headers)
        assert answer.status_code in {200, 204}, answer.text
        return [each["0020000E"]["Value"][0] for each in answer.json()] if answer.content else []

    one, two = uid(1, 1), uid(1, 2)
    assert series("") == [one, two]
    assert series("Modality=SR") == [two]
    assert series("SeriesNumber=1") == [one]
    assert series("SeriesDescription=Find*") == [two]
    assert series(f"SeriesInstanceUID={two},{uid(5)}") == [two]
    assert series("Modality=MR") == []
    assert series("limit=1&offset=1") == [two]
    answers = filled.get(f"{STUDIES}/{uid(1)}/series", headers=owner.headers).json()
    assert [each["00201209"]["Value"] for each in answers] == [[2], [1]]
    assert answers[0]["00081190"]["Value"][0].endswith(f"/studies/{uid(1)}/series/{one}")


def test_instances_are_searched_in_a_study_and_in_a_series(
    filled: TestClient, owner: Person
) -> None:
    study = f"{STUDIES}/{uid(1)}"

    def instances(path: str) -> list[str]:
        answer = filled.get(path, headers=owner.headers)
        assert answer.status_code in {200, 204}, answer.text
        return [each["00080018"]["Value"][0] for each in answer.json()] if answer.content else []

    everything = [uid(1, 1, 1), uid(1, 1, 2), uid(1, 2, 1)]
    assert instances(f"{study}/instances") == everything
    assert instances(f"{study}/instances?InstanceNumber=2") == [uid(1, 1, 2)]
    assert instances(f"{study}/instances?limit=1&offset=2") == [uid(1, 2, 1)]
    assert instances(f"{study}/series/{uid(1, 1)}/instances") == everything[:2]
    assert instances(f"{study}/series/{uid(1, 2)}/instances?SOPInstanceUID={uid(1, 2, 1)}") == [
        uid(1, 2, 1)
    ]
    answer = filled.get(f"{study}/series/{uid(1, 1)}/instances", headers=owner.headers).json()[0]
    assert answer["00280010"]["Value"] == [16]
    assert answer["00081190"]["Value"][0].endswith(f"/instances/{uid(1, 1, 1)}")


def test_a_sequence_is_searched_by_its_path(web: TestClient, owner: Person) -> None:

    request = Dataset()
    request.ScheduledProcedureStepID = "STEP-7"
    body, headers = multipart(a_file(RequestAttributesSequence=[request]), a_file(1, series=2))
    assert web.post(STUDIES, content=body, headers=headers | owner.headers).status_code == 200
    for key in (
        "RequestAttributesSequence.ScheduledProcedureStepID",
        "00400275.00400009",
    ):
        answer = web.get(f"{STUDIES}/{uid(1)}/series?{key}=STEP-7", headers=owner.headers)
        assert [each["0020000E"]["Value"] for each in answer.json()] == [[uid(1, 1)]]
        nothing = web.get(f"{STUDIES}/{uid(1)}/series?{key}=STEP-8", headers=owner.headers)
        assert nothing.status_code == 204


def test_a_stranger_finds_nothing_by_any_key(
    filled: TestClient, owner: Person, stranger: Person
) -> None:
    for query in ("", "PatientID=AB-17", f"StudyInstanceUID={uid(1)}", "ModalitiesInStudy=CT"):
        assert found(filled, stranger, query) == []
    for level in ("series", "instances"):
        refused = filled.get(f"{STUDIES}/{uid(1)}/{level}", headers=stranger.headers)
        unknown = filled.get(f"{STUDIES}/1.2.3/{level}", headers=stranger.headers)
        assert refused.status_code == unknown.status_code == 404
        assert refused.content == unknown.content


def test_asking_costs_the_same_queries_for_one_exam_and_for_many(
    filled: TestClient, owner: Person
) -> None:

    party = party_of(actor_of_token(owner.token, at=clock.now()))
    search_studies(party, Query(limit=1), at=clock.now())
    with CaptureQueriesContext(connection) as few:
        search_studies(party, Query(limit=1), at=clock.now())
    body, headers = multipart(*(a_file(study=number) for number in range(20, 40)))
    assert filled.post(STUDIES, content=body, headers=headers | owner.headers).status_code == 200
    search_studies(party, Query(), at=clock.now())
    with CaptureQueriesContext(connection) as many:
        assert len(search_studies(party, Query(), at=clock.now())) == 23
    assert len(many) <= len(few) + 2


def test_a_recipient_finds_and_counts_only_what_was_shared(story: Story) -> None:
    ct = story.dataset
    story.add(another_ct(SOPInstanceUID="1.2.3.1", SeriesInstanceUID="1.2.3", Modality="PT"))
    shared = story.share()
    story.add(another_ct(SOPInstanceUID="1.2.3.2"))
    cookie = open_share(shared)
    (answer,) = story.under(shared, "/studies", cookie).json()
    assert answer["00080061"]["Value"] == ["CT"]
    assert answer["00201206"]["Value"] == [1]
    assert answer["00201208"]["Value"] == [1]
    root = f"http://localhost:8000/dicomweb/shares/{to_text(shared.share_id)}"
    assert answer["00081190"]["Value"] == [f"{root}/studies/{ct.StudyInstanceUID}"]
    study = f"/studies/{ct.StudyInstanceUID}"
    (series,) = story.under(shared, f"{study}/series", cookie).json()
    assert series["00201209"]["Value"] == [1]
    (instance,) = story.under(shared, f"{study}/instances", cookie).json()
    assert instance["00081190"]["Value"] == [f"{root}{story.address}"]
    hidden = (
        "ModalitiesInStudy=PT", "NumberOfStudyRelatedInstances=3", "NumberOfStudyRelatedSeries=2"
    )  # fmt: skip
    for query in hidden:
        assert story.under(shared, f"/studies?{query}", cookie).status_code == 204
    assert len(story.under(shared, f"{study}/metadata", cookie).json()) == 1
    for path in (f"{study}/series/1.2.3", f"{study}/series/1.2.3/instances/1.2.3.1"):
        assert story.under(shared, f"{path}/metadata", cookie).status_code == 404


def test_under_an_exam_no_other_patient_is_found_by_the_same_patient_id(
    web: TestClient, owner: Person
) -> None:
    otto: dict[str, Any] = {"PatientName": "Müller^Otto", "IssuerOfPatientID": "ELSEWHERE"}
    for files in ((a_file(study=1),), (a_file(study=2), a_file(study=3, **otto))):
        body, headers = multipart(*files)
        assert web.post(STUDIES, content=body, headers=headers | owner.headers).status_code == 200
    assert sorted(found(web, owner, "PatientID=AB-17")) == [1, 2, 3]
    first = Study.objects.earliest("received_at")
    root = f"/dicomweb/exams/{to_text(first.id)}"
    answer = web.get(f"{root}/studies?PatientID=AB-17", headers=owner.headers)
    assert sorted(each[STUDY_UID]["Value"][0] for each in answer.json()) == [uid(1), uid(2)]
    for number, status in ((1, 200), (2, 200), (3, 404)):
        got = web.get(f"{root}/studies/{uid(number)}/metadata", headers=owner.headers)
        assert got.status_code == status
    assert web.post(f"{root}/studies", headers=owner.headers).status_code in {404, 405}
