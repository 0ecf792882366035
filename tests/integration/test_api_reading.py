"""What does the JSON API tell, and whom?"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from api import Program, page_of, program_of
from cast import Person, messages_to
from safelight.kernel.ids import to_text
from safelight.records.accounts.tokens import Scope
from story import Story, accept_share, another_ct, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
CLARA = "clara.clinician@people.example"


@pytest.fixture
def program(story: Story) -> Program:
    return program_of(story.owner)


def test_an_exam_is_told_with_its_series_and_objects(story: Story, program: Program) -> None:
    listed = program("GET /exams")
    exam = program("GET /exams/{exam_id}", ids={"exam_id": listed["items"][0]["id"]})

    assert listed["next_offset"] is None
    assert exam["study_instance_uid"] == story.dataset.StudyInstanceUID
    (series,) = exam["series"]
    assert series["id"] == to_text(story.series_id)
    (held,) = series["objects"]
    assert held["sop_instance_uid"] == story.dataset.SOPInstanceUID
    assert held["frames"] == 1
    assert exam["may"] == {"share": False, "download": True, "remove": True}  # in person: all


def test_lists_come_in_pages(story: Story, program: Program) -> None:
    for number in (1, 2):
        story.add(another_ct(StudyInstanceUID=f"1.2.3.{number}", SOPInstanceUID=f"1.2.4.{number}"))
    first = program("GET /exams?limit=2")
    rest = program(f"GET /exams?limit=2&offset={first['next_offset']}")

    assert [len(first["items"]), len(rest["items"])] == [2, 1]
    assert rest["next_offset"] is None
    assert len({each["id"] for each in first["items"] + rest["items"]}) == 3


def test_who_can_see_what_was_agreed_and_who_looked(
    story: Story, program: Program, clinician: Person
) -> None:
    shared = story.share(address=CLARA, purpose="treatment")
    accept_share(shared, clinician)
    theirs = program_of(clinician)
    (seen,) = theirs("GET /exams")["items"]
    theirs("GET /exams/{exam_id}", ids={"exam_id": seen["id"]})

    seers = program("GET /exams/{exam_id}/access", ids={"exam_id": seen["id"]})
    (given,) = program("GET /consents?state=live")["items"]
    consent = program("GET /consents/{consent_id}", ids={"consent_id": given["id"]})
    activity = program("GET /activity")["items"]

    assert [(each["name"], each["way"]) for each in seers] == [
        ("Olga Owner", "owner"),
        ("Dr Dora Doctor", "consent"),
    ]
    assert given["id"] == to_text(shared.consent_id)
    assert consent["terms"]["purpose"] == "treatment"
    assert consent["terms"]["recipient"]["address"] == CLARA
    assert "for treatment" in consent["words_html"]
    steps = [stage["step"] for stage in consent["history"]]
    assert steps[:2] == ["granted", "recipient-verified"]
    assert "looked" in steps
    assert {(each["who"], each["did"]) for each in activity} >= {
        ("Dr Dora Doctor", "shared"),
        ("Clara Clinician", "looked"),
    }
    asked = program(
        "GET /exams/{exam_id}/activity?since=2000-01-01T00:00:00Z", ids={"exam_id": seen["id"]}
    )
    assert len(asked["items"]) == len(activity)
    assert program("GET /activity?before=2000-01-01T00:00:00Z")["items"] == []


def test_a_recipient_is_told_of_a_consent_until_it_ends(
    story: Story, program: Program, clinician: Person
) -> None:
    shared = story.share(address=CLARA)
    accept_share(shared, clinician)
    theirs = program_of(clinician)
    (received,) = theirs("GET /consents/received")["items"]
    page = page_of(browser_of(story.owner, story.code()))
    page("POST /consents/{consent_id}/withdraw", status=204, ids={"consent_id": received["id"]})
    (ended,) = theirs("GET /consents/received")["items"]

    assert (received["giver"], received["state"]) == ("Olga Owner", "live")
    assert received["exams"] == [to_text(story.study_id)]
    assert (ended["giver"], ended["state"], ended["exams"]) == (None, "ended", [])
    assert ended["reason"] == "share_revoked"
    assert theirs("GET /exams")["items"] == []
    assert program("GET /consents?state=ended")["items"][0]["was_taken_back"]


def test_what_is_absent_and_what_is_not_yours_read_the_same(story: Story, stranger: Person) -> None:
    theirs = program_of(stranger)
    shared = story.share()
    draft = to_text(story.draft())
    real = {"exam_id": to_text(story.study_id), "consent_id": to_text(shared.consent_id)}
    real["draft_id"] = draft
    absent = dict.fromkeys(real, "0q09cd6vz7f5047yr2zxpx2bqe")
    routes = [
        "/exams/{exam_id}",
        "/exams/{exam_id}/access",
        "/exams/{exam_id}/activity",
        "/exams/{exam_id}/sensitive",
        "/consents/{consent_id}",
        "/drafts/{draft_id}",
    ]
    for route in routes:
        said = theirs(f"GET {route}", status=404, ids=real)
        assert said == theirs(f"GET {route}", status=404, ids=absent)
        assert said["code"] == "not_found"
    assert (
        theirs("GET /exams/{exam_id}", status=404, ids={"exam_id": "no-id-at-all"})["code"]
        == "not_found"
    )


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        (Scope.DICOMWEB_READ, {"/exams"}),
        (Scope.EXCHANGE_READ, {"/consents", "/consents/received", "/activity", "/groups"}),
        (Scope.EXCHANGE_WRITE, set[str]()),
    ],
)
def test_a_token_reads_what_it_was_made_for(story: Story, scope: Scope, allowed: set[str]) -> None:
    limited = program_of(story.owner, scope)
    for route in ("/exams", "/consents", "/consents/received", "/activity", "/groups"):
        said = limited(f"GET {route}", status=200 if route in allowed else 403)
        assert route in allowed or said["code"] == "token_omits_scope"


def test_nobody_is_told_anything_without_saying_who_they_are() -> None:
    for program in (
        Program(Client()),
        Program(Client(), Authorization="Bearer sl_api_wrong"),
        Program(Client(), Authorization="Basic abc"),
    ):
        assert program("GET /exams", status=401)["code"] == "auth_required"


def test_groups_are_kept_in_person_and_read_by_programs(
    story: Story, program: Program, clinician: Person
) -> None:
    page = page_of(browser_of(story.owner, story.code()))
    asked: dict[str, Any] = {"name": "Tumour board"}
    group = page("POST /groups", asked, status=201)
    place = {"group_id": group["id"]}
    board = page("POST /groups/{group_id}/members", {"address": CLARA}, ids=place)

    assert [each["name"] for each in board["members"]] == ["Olga Owner", "Clara Clinician"]
    assert program("GET /groups") == [board]
    assert program("POST /groups", asked, status=403)["code"] == "token_omits_scope"
    refused = page(
        "POST /groups/{group_id}/members", {"address": "x@y.example"}, status=422, ids=place
    )
    assert refused["errors"][0]["code"] == "invalid:address"
    clara = board["members"][1]["account"]
    page(
        "DELETE /groups/{group_id}/members/{account_id}",
        status=204,
        ids=place | {"account_id": clara},
    )
    assert len(program("GET /groups/{group_id}", ids=place)["members"]) == 1


def test_marks_of_sensitive_classes_are_set_in_person(story: Story, program: Program) -> None:
    page = page_of(browser_of(story.owner, story.code()))
    place = {"exam_id": to_text(story.study_id)}
    page("PUT /exams/{exam_id}/sensitive", {"classes": ["hiv", "genetic"]}, ids=place)

    assert program("GET /exams/{exam_id}/sensitive", ids=place) == {"classes": ["genetic", "hiv"]}
    program("PUT /exams/{exam_id}/sensitive", {"classes": []}, status=403, ids=place)


def test_no_message_is_sent_by_reading(story: Story, program: Program) -> None:
    for route in ("/exams", "/consents", "/activity", "/groups", "/consents/received"):
        program(f"GET {route}")

    assert messages_to("olga.owner@people.example") == []
