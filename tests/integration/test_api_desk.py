"""Does a desk enter who treats whom, hand out records and note deaths over the API, on record?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from acting import make_staff
from api import Program, page_of, program_of
from cast import Person, app_code, give_second_factor, make_person, party_of_person
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.models import CareRelation, DeathNotice, RecordClaim
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from safelight.records.accounts.models import Account, Kind, Role
from safelight.records.imaging.models import Study
from story import Story, another_ct, browser_of, open_share, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

NUMBER, BORN = "MRN-7", "1970-02-03"
PATIENT = {"number": NUMBER, "born_on": BORN}


def page_for(person: Person) -> Program:
    """Return a script of our own pages in a session of this person's."""
    return page_of(browser_of(person, app_code(give_second_factor(person))))


@dataclass(frozen=True)
class Desk:
    """Two of a hospital's staff, and an exam that it keeps."""

    first: Program
    second: Program
    person: Person
    exam: UUID

    def offer(self) -> dict[str, Any]:
        said = PATIENT | {"checked": "Card seen"}
        made: dict[str, Any] = self.first("POST /desk/claims", said, status=201)
        return made


@pytest.fixture
def desk(web: TestClient, clinician: Person) -> Desk:
    store(web, clinician, another_ct(PatientID=NUMBER, PatientBirthDate=BORN.replace("-", "")))
    first, second = make_staff("Dana Desk", Role.IMAGING_DESK), make_staff("Otis Officer")
    return Desk(page_for(first), page_for(second), first, Study.objects.get().pk)


def readings(kind: str) -> int:
    return Entry.objects.filter(kind=kind).count()


def care(who: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 (whatever the field holds)
    last = (clock.now() + timedelta(days=10)).date().isoformat()
    usual = {"clinician": who, "way": "list", "reason": "Follow-up", "ends_on": last}
    return PATIENT | usual | changes


def test_who_treats_whom_is_entered_listed_and_ended(desk: Desk) -> None:
    carl = make_person("Carl Colleague", Kind.PROVIDER, "Example Hospital")
    party = party_of_person(carl)

    def sees() -> bool:
        return decide(party, Action.VIEW, desk.exam, at=clock.now()).allowed

    named = {each["name"]: each["account"] for each in desk.first("GET /desk/clinicians")}
    assert set(named) == {"Clara Clinician", "Carl Colleague"}
    assert not sees()
    asked = care(named["Carl Colleague"], way="referral", reference="R-12")
    place = {"relation_id": desk.first("POST /desk/care", asked, status=201)["id"]}
    assert sees()
    again = desk.first("POST /desk/care", asked, status=409)
    assert again["code"] == "state_conflict"
    (line,) = desk.second("GET /desk/care")["items"]
    assert (line["id"], line["clinician"], line["number"]) == (
        place["relation_id"],
        "Carl Colleague",
        NUMBER,
    )
    assert (line["way"], line["reason"], line["reference"]) == ("referral", "Follow-up", "R-12")
    assert readings("access.care-listed") == 1
    desk.second("POST /desk/care/{relation_id}/end", status=204, ids=place)
    desk.second("POST /desk/care/{relation_id}/end", status=204, ids=place)
    assert not sees()
    assert desk.first("GET /desk/care")["items"] == []


def test_what_is_wrong_with_who_treats_is_said_by_field(desk: Desk) -> None:
    clara = desk.first("GET /desk/clinicians")[0]["account"]
    long_ago, far = "2000-01-01", "2099-01-01"
    for field, value in {
        "number": "MRN-8",
        "born_on": "1970-02-04",
        "clinician": to_text(desk.person.account.pk),
        "way": "delivery",
        "reason": " ",
        "accession": "none",
        "ends_on": far,
    }.items():
        wrong = desk.first("POST /desk/care", care(clara, **{field: value}), status=422)
        fits = "number" if field == "born_on" else field
        assert wrong["code"] == f"invalid:{fits}", field
    last = desk.first("POST /desk/care", care(clara, ends_on="9999-12-31"), status=422)
    assert last["code"] == "invalid:ends_on"
    late = desk.first("POST /desk/care", care(clara, starts_on=long_ago), status=422)
    assert late["code"] == "invalid:ends_on"
    unnamed = desk.first("POST /desk/care", care(clara, way="encounter"), status=422)
    assert unnamed["code"] == "invalid:reference"
    assert not CareRelation.objects.exclude(way="delivery").exists()


def test_a_record_is_handed_over_claimed_and_disowned(desk: Desk, owner: Person) -> None:
    made = desk.offer()
    place = {"claim_id": made["id"]}
    (line,) = desk.second("GET /desk/claims")["items"]
    assert (line["id"], line["number"], line["claimed_at"]) == (made["id"], NUMBER, None)
    assert line == desk.second("GET /desk/claims/{claim_id}", ids=place)
    assert "code" not in line
    assert (readings("access.claims-listed"), readings("access.claim-read")) == (1, 1)

    patient = page_for(owner)
    wrong = {"code": made["code"], "born_on": "1970-02-04"}
    assert patient("POST /records", wrong, status=422)["code"] == "invalid:code"
    right = wrong | {"born_on": BORN}
    claimed = patient("POST /records", right, status=201)
    assert (claimed["id"], claimed["institution"], claimed["exams"]) == (
        made["id"],
        "Example Hospital",
        1,
    )
    assert patient("GET /records") == {"items": [claimed], "is_reported_dead": False}
    assert [each["id"] for each in patient("GET /exams")["items"]] == [to_text(desk.exam)]
    taken = PATIENT | {"checked": "Card seen"}
    assert desk.first("POST /desk/claims", taken, status=409)["code"] == "state_conflict"

    patient("POST /records/{claim_id}/not-mine", status=204, ids=place)
    assert patient("GET /records")["items"] == []
    assert patient("GET /exams")["items"] == []


def test_a_code_that_was_ended_opens_nothing_and_tries_are_counted(
    desk: Desk, owner: Person
) -> None:
    made = desk.offer()
    desk.second("POST /desk/claims/{claim_id}/end", status=204, ids={"claim_id": made["id"]})
    patient, said = page_for(owner), {"code": made["code"], "born_on": BORN}
    for _ in range(10):
        assert patient("POST /records", said, status=422)["code"] == "invalid:code"
    assert patient("POST /records", said, status=429)["code"] == "rate_limited"
    unsaid = PATIENT | {"checked": " "}
    assert desk.first("POST /desk/claims", unsaid, status=422)["code"] == "invalid:checked"
    assert RecordClaim.objects.get().used_at is None


def test_two_note_a_death_nobody_alone_and_an_error_is_undone(desk: Desk, story: Story) -> None:
    shared = story.share()
    cookie = open_share(shared)
    patient = page_of(browser_of(story.owner, story.code()))
    patient("POST /records", {"code": desk.offer()["code"], "born_on": BORN}, status=201)

    said = PATIENT | {"evidence": "Certificate seen"}
    assert desk.first("POST /desk/deaths", said | {"evidence": ""}, status=422)["code"] == (
        "invalid:evidence"
    )
    place = {"notice_id": desk.first("POST /desk/deaths", said, status=201)["id"]}
    assert desk.second("POST /desk/deaths", said, status=409)["code"] == "state_conflict"
    (line,) = desk.first("GET /desk/deaths")["items"]
    assert (line["name"], line["second_at"], line["may_confirm"]) == ("Olga Owner", None, False)
    alone = desk.first("POST /desk/deaths/{notice_id}/confirm", status=409, ids=place)
    assert alone["code"] == "state_conflict"
    # Whoever lives says so.
    assert patient("GET /records")["is_reported_dead"] is True
    patient("POST /records/alive", status=204)
    assert desk.first("GET /desk/deaths")["items"] == []
    assert patient("POST /records/alive", status=404)["code"] == "not_found"

    place = {"notice_id": desk.first("POST /desk/deaths", said, status=201)["id"]}
    (line,) = desk.second("GET /desk/deaths")["items"]
    assert line["may_confirm"] is True
    desk.second("POST /desk/deaths/{notice_id}/confirm", status=204, ids=place)
    assert Account.objects.get(pk=story.owner.account.pk).state == "suspended"
    assert story.as_guest(shared, cookie) == 423
    desk.second("POST /desk/deaths/{notice_id}/undo", status=204, ids=place)
    desk.second("POST /desk/deaths/{notice_id}/undo", status=204, ids=place)
    assert story.as_guest(shared, cookie) == 200
    assert readings("access.deaths-listed") == 3
    assert DeathNotice.objects.filter(undone_at=None).count() == 0


def test_nobody_outside_the_desk_and_no_token_does_anything_of_it(
    desk: Desk, stranger: Person, clinician: Person
) -> None:
    elsewhere = make_person("Otto Other", Kind.PROVIDER, "Other Clinic")
    elsewhere.account.memberships.update(role=Role.IMAGING_DESK)
    clara = desk.first("GET /desk/clinicians")[0]["account"]
    entered = desk.first("POST /desk/care", care(clara), status=201)["id"]
    named = {"relation_id": entered, "claim_id": desk.offer()["id"], "notice_id": entered}
    lists = ("GET /desk/clinicians", "GET /desk/care", "GET /desk/claims", "GET /desk/deaths")
    begun = {
        "POST /desk/care": care(clara),
        "POST /desk/claims": PATIENT | {"checked": "Card seen"},
        "POST /desk/deaths": PATIENT | {"evidence": "Certificate seen"},
    }
    about = (
        *("POST /desk/care/{relation_id}/end", "POST /desk/claims/{claim_id}/end"),
        *("GET /desk/claims/{claim_id}", "POST /records/{claim_id}/not-mine"),
        *("POST /desk/deaths/{notice_id}/confirm", "POST /desk/deaths/{notice_id}/undo"),
    )
    for person in (stranger, clinician):
        page = page_for(person)
        for asked in (*lists, *begun, *about):
            said = page(asked, begun.get(asked), status=404, ids=named)
            assert said["code"] == "not_found", asked
    # Another institution's desk has its own lists, and finds nobody of this one's.
    other = page_for(elsewhere)
    for asked in about:
        assert other(asked, status=404, ids=named)["code"] == "not_found", asked
    for asked, body in begun.items():
        assert other(asked, body, status=422)["code"] == "invalid:number", asked
    assert other("GET /desk/care")["items"] == other("GET /desk/claims")["items"] == []

    token, own = program_of(desk.person), ("GET /records", "POST /records/alive")
    claims = {"POST /records": {"code": "x", "born_on": BORN}}
    for asked in (*lists, *begun, *about, *own, *claims):
        said = token(asked, (begun | claims).get(asked), status=403, ids=named)
        assert said["code"] == "token_omits_scope", asked


def test_a_desk_reads_in_its_inbox_by_which_way_something_came(story: Story) -> None:
    dana = make_staff("Dana Desk", Role.IMAGING_DESK)
    hospital = dana.account.memberships.get().organization_id
    story.share(
        audience="desk", organization_id=str(hospital), address="", name="", purpose="treatment"
    )
    program = program_of(dana)
    (line,) = program("GET /consents/received")["items"]
    assert (line["audience"], line["recipient"]) == ("desk", "Example Hospital")
    assert line["is_new"] is True
    program("GET /exams/{exam_id}", ids={"exam_id": line["exams"][0]})
    assert program("GET /consents/received")["items"][0]["is_new"] is False
    assert program("GET /consents/received?only_new=true")["items"] == []
