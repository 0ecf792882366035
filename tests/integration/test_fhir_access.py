"""Does FHIR open nothing that the one decision point does not, nor to a token made for less?"""

from __future__ import annotations

import pytest
from django.test import Client
from starlette.testclient import TestClient

from cast import Person, app_code, give_second_factor, make_person
from copying import draft_of_a_copy, signed
from fhir_client import client_of
from made_documents import documents
from passing import consultant, shown_to
from safelight.exchange.access.smart import Resource
from safelight.exchange.release.models import Disclosure
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.kernel import clock
from safelight.kernel.ids import new_id, to_text
from safelight.platform.audit.models import Entry
from safelight.records.accounts.models import Kind
from safelight.records.accounts.queries import address_of
from safelight.records.imaging.models import Instance, StudyCopy
from story import Story, accept_share, another_ct, browser_of, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

OF_IMAGES = ("Patient", "ImagingStudy", "DiagnosticReport", "DocumentReference")


def everything(story: Story) -> dict[str, str]:
    """Return a path to one of each kind that is the owner's."""
    ask = client_of(story.owner)
    story.web.get(f"/dicomweb{story.address}", headers=story.owner.headers)
    return {each: f"{each}/{found[0]}" for each in Resource if (found := ask.ids(each))}


def filled(story: Story) -> dict[str, str]:
    papers = dict(documents())
    store(story.web, story.owner, papers["pdf"])
    recipient = shown_to(story, consultant())
    client_of(recipient.person)(f"ImagingStudy/{to_text(story.study_id)}")
    paths = everything(story)
    assert set(paths) == set(Resource)
    return paths


def test_what_is_not_theirs_reads_like_what_does_not_exist(story: Story, stranger: Person) -> None:
    paths = filled(story)
    ask = client_of(stranger)
    for kind, path in paths.items():
        absent = f"{kind}/{to_text(new_id())}"
        assert ask(path, status=404) == ask(absent, status=404) == ask(f"{kind}/x", status=404)
        assert "entry" not in ask(kind)
        mine = path.partition("/")[2]
        assert "entry" not in ask(f"{kind}?_id={mine}")
    patient = paths["Patient"]
    for kind in ("ImagingStudy", "DiagnosticReport", "DocumentReference", "Consent", "AuditEvent"):
        assert "entry" not in ask(f"{kind}?patient={patient}"), kind
    assert ask("nowhere", status=404) == ask("Observation/1", status=404)


def test_who_is_nobody_gets_nothing(story: Story) -> None:
    for path in filled(story).values():
        for headers in ({}, {"Authorization": "Bearer sl_api_x"}, {"Authorization": "Basic eDp5"}):
            answer = Client().get(f"/fhir/{path}", headers=headers)
            assert answer.status_code == 401
            assert answer["WWW-Authenticate"].startswith("Bearer")
            assert answer.json()["issue"][0]["code"] == "login"


def test_a_token_reads_the_kinds_it_was_made_for_and_no_other_way(story: Story) -> None:
    paths = filled(story)
    for kind, path in paths.items():
        for whose in ("patient", "user"):
            ask = client_of(story.owner, f"{whose}/{kind}.read")
            assert ask(path) == client_of(story.owner, "user/*.read")(path)
            for other in set(paths) - {kind}:
                assert ask.issue(paths[other], 403)["code"] == "forbidden"
                assert ask.issue(other, 403)["code"] == "forbidden"
            for elsewhere in ("/api/v1/exams", "/api/v1/consents"):
                assert Client().get(elsewhere, headers=ask.headers).status_code == 403
            study = f"/dicomweb/studies/{story.dataset.StudyInstanceUID}"
            assert story.web.get(study, headers=ask.headers).status_code == 404
            found = story.web.get("/dicomweb/studies", headers=ask.headers)
            assert found.status_code in {204, 403}
            assert found.content == b"" or found.status_code == 403


def test_our_own_scopes_read_what_they_read_elsewhere(story: Story) -> None:
    paths = filled(story)
    for scope, readable in {
        "dicomweb:read": OF_IMAGES,
        "exchange:read": ("Consent", "AuditEvent"),
        "dicomweb:write": (),
        "exchange:write": (),
    }.items():
        ask = client_of(story.owner, scope)
        for kind, path in paths.items():
            ask(path, status=200 if kind in readable else 403)


def test_a_token_for_oneself_opens_nothing_of_others(story: Story) -> None:
    recipient = shown_to(story, make_person("Rita Recipient", Kind.INDIVIDUAL))
    path = f"ImagingStudy/{to_text(story.study_id)}"
    assert client_of(recipient.person, "user/*.read").ids("ImagingStudy") == [path[13:]]
    ask = client_of(recipient.person, "patient/*.read")
    ask(path, status=404)
    assert ask.ids("ImagingStudy") == []
    store(story.web, recipient.person, another_ct(StudyInstanceUID="1.2.826.0.1.77"))
    (own,) = ask.ids("ImagingStudy")
    assert own != path[13:]
    both = client_of(recipient.person, "patient/*.read", "user/ImagingStudy.read")
    assert len(both.ids("ImagingStudy")) == 2
    assert len(both.ids("Patient")) == 1


def test_a_recipient_is_told_what_was_shared_and_it_is_a_disclosure(
    story: Story, web: TestClient
) -> None:
    ct = story.dataset
    recipient = shown_to(story, consultant())
    later = another_ct(
        SeriesInstanceUID=f"{ct.SeriesInstanceUID}.9", SOPInstanceUID=f"{ct.SOPInstanceUID}.9"
    )
    store(web, story.owner, later)
    assert client_of(story.owner)("ImagingStudy")["entry"][0]["resource"]["numberOfSeries"] == 2
    ask = client_of(recipient.person)
    before = Disclosure.objects.filter(recipient=recipient.party.name).count()
    told = ask(f"ImagingStudy/{to_text(story.study_id)}")
    assert told["numberOfSeries"] == told["numberOfInstances"] == 1
    assert [each["uid"] for each in told["series"]] == [ct.SeriesInstanceUID]
    assert Disclosure.objects.filter(recipient=recipient.party.name).count() == before + 1
    assert ask("Patient")["entry"][0]["resource"]["id"] == told["subject"]["reference"][8:]
    other = Instance.objects.exclude(series_id=story.series_id).get()
    ask.issue(f"DocumentReference/{to_text(other.id)}", 404)
    withdraw(story.party, recipient.received.consent_id, at=clock.now())
    ask.issue(f"ImagingStudy/{to_text(story.study_id)}", 404)
    ask.issue(told["subject"]["reference"], 404)
    assert ask.ids("ImagingStudy") == ask.ids("Patient") == []


def test_a_search_alone_is_a_disclosure_too(story: Story) -> None:
    recipient = shown_to(story, consultant())
    ask = client_of(recipient.person)
    assert not Disclosure.objects.filter(recipient=recipient.party.name).exists()
    assert len(ask.ids("Patient")) == 1
    assert Disclosure.objects.filter(recipient=recipient.party.name).count() == 1


def test_the_patients_of_copies_cannot_be_put_together(story: Story) -> None:
    reader = make_person("Rhea Researcher", Kind.INDIVIDUAL)
    address = address_of(reader.account)
    accept_share(signed(story, draft_of_a_copy(story, address=address)), reader)
    copy = StudyCopy.objects.get()
    own = client_of(story.owner)
    mine = {each["id"]: each["subject"]["reference"] for each in own.all("ImagingStudy")}
    assert mine[to_text(story.study_id)] != mine[to_text(copy.study_id)]
    ask = client_of(reader)
    (patient,) = ask.all("Patient")
    assert patient["id"] == to_text(copy.study_id)
    original = mine[to_text(story.study_id)]
    ask.issue(original, 404)
    assert ask.ids(f"ImagingStudy?patient={original}") == []
    assert ask.ids(f"ImagingStudy?patient={patient['id']}") == [to_text(copy.study_id)]
    assert own.ids(f"ImagingStudy?patient={original}") == [to_text(story.study_id)]


def test_a_session_of_our_own_pages_reads_and_one_factor_does_not(story: Story) -> None:
    browser = browser_of(story.owner, story.code())
    answer = browser.get(f"/fhir/ImagingStudy/{to_text(story.study_id)}")
    assert answer.status_code == 200
    stranger = make_person("Stan Other", Kind.INDIVIDUAL)
    other = browser_of(stranger, app_code(give_second_factor(stranger)))
    assert other.get(f"/fhir/ImagingStudy/{to_text(story.study_id)}").status_code == 404


def test_a_refusal_is_on_record(story: Story, stranger: Person) -> None:
    before = Entry.objects.filter(kind="access.denied").count()
    client_of(stranger).issue(f"Patient/{to_text(new_id())}", 404)
    assert Entry.objects.filter(kind="access.denied").count() > before
