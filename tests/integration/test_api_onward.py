"""What do programs and pages learn of passing on, of requests, and of papers, over the API?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from api import page_of, program_of
from cast import PASSWORD, Person
from passing import CARL, NAMED, shown_to
from safelight.exchange.consent.models import Consent
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from story import Story, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_a_recipient_passes_on_what_was_agreed_and_nothing_else(
    story: Story, clinician: Person
) -> None:
    anna = shown_to(story, clinician, **NAMED)
    page = page_of(browser_of(anna.person, anna.code()))
    place = {"exam_id": to_text(story.study_id)}
    (parent,) = page("GET /exams/{exam_id}/pass-on", ids=place)
    draft = page(
        "POST /exams/{exam_id}/pass-on", {"parent": parent["consent"]}, status=201, ids=place
    )
    where = {"draft_id": draft["id"]}
    chosen = {
        "series": [to_text(story.series_id)],
        "name": "Carl Consultant",
        "address": CARL,
        "kind": "clinician",
        "purpose": "research",
        "second_check": "waived",
        "ends_on": clock.now().date().isoformat(),
    }
    page("PATCH /drafts/{draft_id}", chosen, ids=where)
    refused = page("POST /drafts/{draft_id}/present", status=403, ids=where)
    page("PATCH /drafts/{draft_id}", {"purpose": "second-opinion"}, ids=where)
    shown = page("POST /drafts/{draft_id}/present", ids=where)
    answer = {
        "digest": shown["digest"],
        "challenge": shown["challenge"]["id"],
        "password": PASSWORD,
        "code": anna.code(),
    }
    signed = page("POST /drafts/{draft_id}/confirm", answer, status=201, ids=where)

    assert parent["patient"] == "Olga Owner"
    assert refused["code"] == "purpose_not_covered"
    told = program_of(story.owner)("GET /consents")["items"]
    assert {each["id"] for each in told} >= {signed["consent"]}
    happened = program_of(story.owner)("GET /activity")["items"]
    assert {"passed-on", "tried"} <= {each["did"] for each in happened}


def test_what_was_only_shown_is_not_shared_further(story: Story, clinician: Person) -> None:
    anna = shown_to(story, clinician)
    asked = {"exams": [to_text(story.study_id)]}
    said = program_of(anna.person)("POST /drafts", asked, status=403)
    page = page_of(browser_of(anna.person, anna.code()))
    place = {"exam_id": to_text(story.study_id)}
    also = page("POST /exams/{exam_id}/pass-on", {}, status=403, ids=place)

    assert said["code"] == also["code"] == "further_release_not_contemplated"
    assert page("GET /exams/{exam_id}/pass-on", ids=place) == []
    assert Consent.objects.count() == 1


def test_a_doctor_asks_and_the_patient_answers(story: Story, clinician: Person) -> None:
    anna = shown_to(story, clinician)
    doctor = page_of(browser_of(anna.person, anna.code()))
    patient = page_of(browser_of(story.owner, story.code()))
    place = {"exam_id": to_text(story.study_id)}
    wish = {
        "purpose": "second-opinion",
        "ends_on": (clock.now() + timedelta(days=9)).date().isoformat(),
        "pass_name": "Carl Consultant",
        "pass_address": CARL,
    }
    asked = doctor("POST /exams/{exam_id}/requests", wish, status=201, ids=place)
    again = doctor("POST /exams/{exam_id}/requests", wish, status=409, ids=place)
    (waiting,) = patient("GET /requests")
    where = {"request_id": waiting["id"]}
    draft = patient("POST /requests/{request_id}/draft", status=201, ids=where)
    patient("POST /requests/{request_id}/decline", status=204, ids=where)
    (told,) = doctor("GET /requests?side=sent")

    assert (asked["answer"], again["code"]) == ("open", "state_conflict")
    assert draft["request"] == asked["id"]
    assert draft["further_named"] == [{"name": "Carl Consultant", "address": CARL}]
    assert (told["answer"], told["state"]) == ("not-granted", None)
    assert patient("GET /requests") == []


def test_what_left_is_listed_and_taken_along(story: Story, clinician: Person) -> None:
    anna = shown_to(story, clinician)
    program_of(anna.person)("GET /exams/{exam_id}", ids={"exam_id": to_text(story.study_id)})
    program = program_of(story.owner)
    made = program("GET /accounting")
    none = program("GET /accounting?extent=statutory")
    consent = {"consent_id": to_text(anna.received.consent_id)}

    assert "authorised" in {each["ground"] for each in made["lines"]}
    assert none["lines"] == []
    assert program("GET /consents/{consent_id}/fhir", ids=consent)["resourceType"] == "Consent"
    assert program("GET /fhir/consents")["resourceType"] == "Bundle"
    assert program("GET /consents/{consent_id}/receipt", ids=consent).startswith(b"%PDF")
    page = page_of(browser_of(story.owner, story.code()))
    assert page("GET /representatives") == {"acting_for_you": [], "you_act_for": []}
