"""Is what is kept read and searched as FHIR R4, as true as by the other ways?"""

from __future__ import annotations

import pytest
from django.test import Client
from starlette.testclient import TestClient

from cast import Person
from fhir_client import HERE, client_of
from made_documents import documents
from safelight.exchange.access.smart import Resource
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from safelight.records.imaging.models import Study
from safelight.surfaces.fhir.parameters import PARAMETERS
from story import Story, another_ct, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

WORDS = {
    "_id": ["0" * 26, "a,b"],
    "_lastUpdated": ["ge2020-01-01", "lt2099", "eq2026-11", "gt2020-01-01T10:00:00Z"],
    "patient": ["Patient/" + "0" * 26, "0" * 26],
    "subject": ["Patient/" + "0" * 26],
    "identifier": ["urn:dicom:uid|urn:oid:1.2.3", "1CT1", "|1CT1"],
    "name": ["Comp"],
    "birthdate": ["1970", "le1970-02-03"],
    "started": ["ge2000-01-01"],
    "modality": ["CT", "http://dicom.nema.org/resources/ontology/DCM|MR"],
    "related": ["ImagingStudy/" + "0" * 26],
    "status": ["active", "active,inactive"],
    "date": ["ge2020-01-01"],
}


def test_an_exam_is_told_whole_to_its_owner(story: Story) -> None:
    ask, ct = client_of(story.owner), story.dataset
    (bundle,) = [ask("ImagingStudy")]
    (entry,) = bundle["entry"]
    assert entry["fullUrl"] == f"{HERE}ImagingStudy/{to_text(story.study_id)}"
    study = ask(f"ImagingStudy/{entry['resource']['id']}")
    assert study["identifier"][0] == {
        "system": "urn:dicom:uid",
        "value": f"urn:oid:{ct.StudyInstanceUID}",
    }
    assert study["started"] == "2004-01-19"
    assert study["description"] == ct.StudyDescription
    (series,) = study["series"]
    assert series["uid"] == ct.SeriesInstanceUID
    assert series["number"] == ct.SeriesNumber
    assert [each["uid"] for each in series["instance"]] == [ct.SOPInstanceUID]
    assert series["instance"][0]["sopClass"]["code"] == f"urn:oid:{ct.SOPClassUID}"
    assert entry["resource"]["meta"]["tag"][0]["code"] == "SUBSETTED"
    assert "instance" not in entry["resource"]["series"][0]
    patient = ask(study["subject"]["reference"])
    assert patient["identifier"][0]["value"] == ct.PatientID
    assert patient["name"][0]["family"] == "CompressedSamples"
    assert patient["name"][0]["given"] == ["CT1"]
    assert patient["gender"] == "other"
    assert study["endpoint"] == [{"reference": "#pictures"}]


def test_a_search_finds_by_each_parameter_and_by_nothing_else(story: Story) -> None:
    ask, ct = client_of(story.owner), story.dataset
    mine = to_text(story.study_id)
    patient = ask("Patient")["entry"][0]["resource"]["id"]
    uid = f"urn:oid:{ct.StudyInstanceUID}"
    for found in (
        f"_id={mine}",
        f"_id={'0' * 26},{mine}",
        f"patient=Patient/{patient}",
        f"subject={patient}&started=2004-01-19",
        f"identifier=urn:dicom:uid|{uid}",
        f"identifier={uid}",
        "modality=CT",
        "started=ge2004-01-19&started=le2004-01-19",
        "started=2004",
        "_lastUpdated=ge2020-01-01",
    ):
        assert ask.ids(f"ImagingStudy?{found}") == [mine], found
    for nothing in (
        f"patient={mine}",
        f"_id={patient}",
        "identifier=urn:dicom:uid|urn:oid:1.2.3",
        "identifier=urn:other|1",
        "modality=MR",
        "started=gt2004-01-19",
        "started=lt2004-01-19",
        "_lastUpdated=lt2020-01-01",
        f"patient={patient}&modality=MR",
    ):
        assert ask.ids(f"ImagingStudy?{nothing}") == [], nothing
    for found in (f"identifier={ct.PatientID}", "name=compressed", f"_id={patient}"):
        assert ask.ids(f"Patient?{found}") == [patient], found
    for nothing in ("identifier=x|1CT1", "name=Nobody", "birthdate=1970-02-03", f"_id={mine}"):
        assert ask.ids(f"Patient?{nothing}") == [], nothing


def test_pages_hold_each_exam_once(story: Story, web: TestClient) -> None:
    for number in range(1, 5):
        uid = f"1.2.826.0.1.3680043.8.498.61.{number}"
        story.add(
            another_ct(
                StudyInstanceUID=uid,
                SeriesInstanceUID=f"{uid}.1",
                SOPInstanceUID=f"{uid}.1.1",
                PatientID=f"P-{number}",
            )
        )
    ask = client_of(story.owner)
    first = ask("ImagingStudy?_count=2")
    assert [each["relation"] for each in first["link"]] == ["self", "next"]
    assert len(first["entry"]) == 2
    second = ask(first["link"][1]["url"].removeprefix(HERE))
    assert [each["relation"] for each in second["link"]] == ["self", "next", "previous"]
    assert second["link"][2]["url"] == first["link"][0]["url"]
    ids = ask.ids("ImagingStudy?_count=2")
    assert len(ids) == len(set(ids)) == Study.objects.count() == 5
    assert len(set(ask.ids("Patient?_count=2"))) == 5
    assert ask.ids("ImagingStudy?_count=5") == ids


def test_reports_and_documents_are_told_with_where_they_are(story: Story, web: TestClient) -> None:
    made = dict(documents())
    store(web, story.owner, *made.values())
    ask = client_of(story.owner)
    reports, papers = list(ask.all("DiagnosticReport")), list(ask.all("DocumentReference"))
    kinds = {each["presentedForm"][0]["contentType"] for each in reports}
    assert kinds == {"application/pdf", "text/xml", "application/dicom"}
    assert {each["id"] for each in reports} < {each["id"] for each in papers}  # marked pictures
    for each in reports:
        assert ask(f"DiagnosticReport/{each['id']}") == each
        exam = ask(each["imagingStudy"][0]["reference"])
        assert exam["subject"] == each["subject"]
        place = each["presentedForm"][0]["url"].removeprefix("http://localhost:8000")
        answer = web.get(place, headers=story.owner.headers)
        assert answer.status_code == 200, place
        uid = each["identifier"][0]["value"]
        found = ask.ids(f"DiagnosticReport?identifier=urn:dicom:uid|{uid}")
        assert found == [each["id"]]
    pdf = next(each for each in papers if each["content"][0]["attachment"].get("title") == "Letter")
    assert ask(f"DocumentReference/{pdf['id']}") == pdf
    within = pdf["context"]["related"][0]["reference"]
    assert pdf["id"] in ask.ids(f"DocumentReference?related={within}")
    assert pdf["id"] in ask.ids(f"DocumentReference?patient={pdf['subject']['reference']}")
    assert ask.ids(f"DocumentReference?related=ImagingStudy/{'0' * 26}") == []
    picture = to_text(story.series_id)
    ask.issue(f"DiagnosticReport/{picture}", 404)
    marked = {each["id"] for each in papers} - {each["id"] for each in reports}
    ask.issue(f"DiagnosticReport/{marked.pop()}", 404)


def test_consents_and_what_left_are_told_to_whose_they_are(story: Story) -> None:
    shared = story.share()
    ask = client_of(story.owner)
    (consent,) = ask.all("Consent")
    assert consent["id"] == to_text(shared.consent_id)
    assert ask(f"Consent/{consent['id']}") == consent
    patient = ask("Patient")["entry"][0]["resource"]["id"]
    for found in ("status=active", f"patient=Patient/{patient}", f"_id={consent['id']}"):
        assert ask.ids(f"Consent?{found}") == [consent["id"]], found
    value = consent["identifier"][0]["value"]
    assert ask.ids(f"Consent?identifier=urn:safelight:fhir:consents|{value}") == [consent["id"]]
    for nothing in ("status=inactive", f"patient={'0' * 26}", "identifier=x"):
        assert ask.ids(f"Consent?{nothing}") == [], nothing
    browser = story.web
    browser.get(f"/dicomweb{story.address}", headers=story.owner.headers)
    events = list(ask.all("AuditEvent"))
    for each in events:
        assert ask(f"AuditEvent/{each['id']}") == each
    assert ask.ids("AuditEvent?date=lt2020-01-01") == []
    assert len(ask.ids(f"AuditEvent?patient={patient}")) == len(events)
    assert ask.ids(f"AuditEvent?patient={'0' * 26}") == []


def test_the_statement_is_true_to_what_is_served(story: Story) -> None:
    ask = client_of(story.owner)
    said = ask("metadata")
    assert Client().get("/fhir/metadata").json() == said
    assert said["fhirVersion"] == "4.0.1"
    (rest,) = said["rest"]
    assert [each["type"] for each in rest["resource"]] == list(Resource)
    for each in rest["resource"]:
        named = {one["name"] for one in each["searchParam"]}
        assert named == set(PARAMETERS[Resource(each["type"])])
        assert {one["code"] for one in each["interaction"]} == {"read", "search-type"}
        for name in named:
            for words in WORDS[name]:
                ask(f"{each['type']}?{name}={words}")
        for name in sorted(set(WORDS) - named):
            issue = ask.issue(f"{each['type']}?{name}={WORDS[name][0]}", 400)
            assert issue["expression"] == [name], name
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            for path in (each["type"], f"{each['type']}/{'0' * 26}"):
                answer = Client(enforce_csrf_checks=True).generic(
                    method, f"/fhir/{path}", headers=ask.headers
                )
                assert answer.status_code == 405
                assert answer["Allow"] == "GET, HEAD"
                assert answer.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("ImagingStudy?_count=0", "_count"),
        ("ImagingStudy?_count=many", "_count"),
        ("ImagingStudy?_count=1&_count=2", "_count"),
        ("ImagingStudy?_offset=-1", "_offset"),
        ("ImagingStudy?started=yesterday", "started"),
        ("ImagingStudy?started=2004-02-31", "started"),
        ("ImagingStudy?started=2004-01-19T10:00:00Z", "started"),
        ("ImagingStudy?_lastUpdated=2004-01-19T10:00:00", "_lastUpdated"),
        ("ImagingStudy?_lastUpdated=ge9999-12-31", "_lastUpdated"),
        ("ImagingStudy?patient=Group/1", "patient"),
        ("ImagingStudy?patient=a&subject=b", "subject"),
        ("ImagingStudy?patient=", "patient"),
        ("ImagingStudy?identifier=x|", "identifier"),
        ("ImagingStudy?modality=C%20T", "modality"),
        ("ImagingStudy?modality=CT&modality=MR", "modality"),
        ("ImagingStudy?_sort=started", "_sort"),
        ("ImagingStudy?%3Cscript%3E=1", "script"),
        ("ImagingStudy?_format=xml", "_format"),
        ("Patient?name=*", "name"),
        ("Patient?_id=" + ",".join("a" * 51), "_id"),
        ("Consent?name=x", "name"),
    ],
)
def test_a_question_that_cannot_be_understood_names_its_parameter(
    owner: Person, asked: str, named: str
) -> None:
    issue = client_of(owner).issue(asked, 400)
    assert issue["expression"] == [named]
    assert issue["diagnostics"].startswith(f"{named}: ")


def test_another_form_than_json_is_not_taken_for_it(owner: Person) -> None:
    headers = client_of(owner).headers | {"Accept": "application/fhir+xml"}
    assert Client().get("/fhir/Patient", headers=headers).status_code == 406
    for form in ("json", "application/fhir%2Bjson", "application/fhir+json"):
        client_of(owner)(f"Patient?_format={form}")


def test_each_reading_is_on_record_before_it_is_answered(story: Story) -> None:
    ask = client_of(story.owner)
    reads = {
        f"ImagingStudy/{to_text(story.study_id)}": "study.looked-at",
        "ImagingStudy": "studies.listed",
        "Consent": "consent.exported",
        "AuditEvent": "activity.read",
    }
    for path, kind in reads.items():
        before = Entry.objects.filter(kind=kind).count()
        ask(path)
        assert Entry.objects.filter(kind=kind).count() == before + 1, path
