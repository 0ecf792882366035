"""Two of a desk say that records are one person's, or that an exam lies in another's record."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from starlette.testclient import TestClient

from acting import make_staff
from asking import send
from cast import Person, app_code, give_second_factor, messages_to, party_of_person
from objects import a_file
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.claiming import claim_record, offer_claim
from safelight.exchange.release.inbox.timeline import timeline
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from safelight.records.accounts.models import Role
from safelight.records.accounts.queries import address_of
from safelight.records.imaging.models import PatientRecord, RecordChange, Study
from story import another_ct, browser_of, open_share, store, story_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

PAGE = "/desk/changes/"
OTHER: dict[str, Any] = {"PatientID": "AB-18", "PatientName": "Lind^Anna"}


@pytest.fixture
def desks() -> tuple[Client, Client]:
    people = [make_staff(name, Role.IMAGING_DESK) for name in ("Dana Desk", "Ole Desk")]
    first, second = (browser_of(each, app_code(give_second_factor(each))) for each in people)
    return first, second


def brought(
    web: TestClient, person: Person, study: int, said: dict[str, Any] | None = None
) -> Study:
    assert send(web, person, a_file(1, study=study, **(said or {}))).status_code == 200
    return Study.objects.latest("received_at")


def ask_one_person(desk: Client, *records: UUID, words: str = "Her card says both") -> int:
    said = {"act": "ask", "kind": "one-person", "number": "AB-17", "words": words}
    chosen = {"records": [to_text(each) for each in records]}
    return int(desk.post(PAGE, said | chosen).status_code)


def ask_move(desk: Client, study: Study, into: str, why: str = "The order names another") -> int:
    exam = f"{to_text(study.pk)} {to_text(study.patient_id)}"
    said = {"act": "ask", "kind": "move-exam", "number": "AB-17", "exam": exam, "into": into}
    return int(desk.post(PAGE, said | {"why": why}).status_code)


def decide_last(desk: Client, act: str) -> str:
    change = RecordChange.objects.latest("asked_at")
    answer = desk.post(f"{PAGE}{to_text(change.pk)}/", {"act": act, "words": "It was"}, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def beside(person: Person, study: Study) -> list[UUID]:
    seen = timeline(party_of_person(person), study.pk, at=clock.now())
    return [each.row.study_id for each in seen]


def test_two_records_of_one_person_stand_beside_one_another_until_it_is_undone(
    web: TestClient, clinician: Person, desks: tuple[Client, Client]
) -> None:
    first, second = desks
    one, two = brought(web, clinician, 1), brought(web, clinician, 2, OTHER)
    found = first.post(PAGE, {"act": "find", "number": "AB-17", "other_number": "AB-18"})
    assert "Anna Berg" in found.content.decode()
    assert "Anna Lind" in found.content.decode()
    assert ask_one_person(first, one.patient_id) == 422
    assert ask_one_person(first, one.patient_id, two.patient_id, words="") == 422
    assert ask_one_person(first, one.patient_id, two.patient_id) == 302
    assert ask_one_person(second, two.patient_id, one.patient_id) == 422, "twice"
    assert beside(clinician, one) == [], "asking changes nothing"
    assert "Somebody else must confirm" in decide_last(first, "confirm")
    assert beside(clinician, one) == []
    assert "Confirmed by two" in decide_last(second, "confirm")
    assert beside(clinician, one) == [two.pk]
    assert beside(clinician, two) == [one.pk]
    entry = Entry.objects.get(kind="desk-records.change-confirmed")
    assert json.loads(entry.text)["reason"] == "one-person"
    decide_last(first, "end")
    assert beside(clinician, one) == []
    assert {row.patient_id for row in Study.objects.all()} == {one.patient_id, two.patient_id}
    assert Entry.objects.filter(kind="desk-records.change-ended").count() == 1


def test_one_persons_two_records_open_neither_to_whoever_sees_the_other(
    web: TestClient, clinician: Person, desks: tuple[Client, Client]
) -> None:
    """A colleague who brought in one of the two sees that one alone, before and after."""
    first, second = desks
    colleague = make_staff("Carl Colleague", Role.CLINICIAN)
    one, two = brought(web, clinician, 1), brought(web, colleague, 2, OTHER)
    ask_one_person(first, one.patient_id, two.patient_id)
    decide_last(second, "confirm")
    at = clock.now()
    assert decide(party_of_person(colleague), Action.VIEW, two.pk, at=at).allowed
    assert not decide(party_of_person(colleague), Action.VIEW, one.pk, at=at).allowed
    assert beside(colleague, two) == []


def test_an_exam_moves_whole_to_a_record_of_its_own_and_back(
    web: TestClient, clinician: Person, desks: tuple[Client, Client]
) -> None:
    first, second = desks
    right, wrong = brought(web, clinician, 1), brought(web, clinician, 2)
    assert right.patient_id == wrong.patient_id
    assert ask_move(first, wrong, "new", why="") == 422
    assert ask_move(first, wrong, "") == 422
    assert ask_move(first, wrong, "new") == 302
    assert PatientRecord.objects.count() == 1, "asking changes nothing"
    assert "a new record of its own" in first.get(PAGE).content.decode()
    decide_last(second, "confirm")
    wrong.refresh_from_db()
    made = PatientRecord.objects.exclude(pk=right.patient_id).get()
    assert wrong.patient_id == made.pk
    assert RecordChange.objects.get().there_id == made.pk
    at = clock.now()
    colleague = party_of_person(clinician)
    assert decide(colleague, Action.VIEW, right.pk, at=at).allowed
    assert not decide(colleague, Action.VIEW, wrong.pk, at=at).allowed, "who treats is said anew"
    assert "two people decide that" in decide_last(first, "end")
    decide_last(first, "back")
    decide_last(second, "confirm")
    wrong.refresh_from_db()
    assert wrong.patient_id == right.patient_id


def test_what_the_wrong_person_shared_of_an_exam_ends_when_it_moves(
    web: TestClient, clinician: Person, owner: Person, desks: tuple[Client, Client]
) -> None:
    store(web, clinician, another_ct(PatientID="MRN-7", PatientBirthDate="19700203"))
    exam, dana = Study.objects.get(), make_staff("Desk Third", Role.IMAGING_DESK)
    said = ("MRN-7", "1970-02-03")
    _, code = offer_claim(party_of_person(dana), *said, "Identity card seen", at=clock.now())
    claim_record(party_of_person(owner), code, said[1], at=clock.now())
    story = story_of(web, owner)
    shared = story.share()
    cookie = open_share(shared)
    assert story.as_guest(shared, cookie) == 200
    ask_move(desks[0], exam, "new")
    assert story.as_guest(shared, cookie) == 200
    decide_last(desks[1], "confirm")
    assert story.as_guest(shared, cookie) == 410
    assert Consent.objects.get().ended_by == "unlinked"
    party, at = party_of_person(owner), clock.now()
    assert not decide(party, Action.VIEW, exam.pk, at=at).allowed
    assert "record-unlinked" in [each for each, _ in messages_to(address_of(owner.account))]


def test_the_database_lets_nobody_confirm_alone(
    web: TestClient, clinician: Person, desks: tuple[Client, Client]
) -> None:
    one, two = brought(web, clinician, 1), brought(web, clinician, 2, OTHER)
    ask_one_person(desks[0], one.patient_id, two.patient_id)
    change = RecordChange.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        RecordChange.objects.update(confirmed_by=change.asked_by, confirmed_at=clock.now())


def test_another_hospitals_desk_finds_and_decides_nothing(
    web: TestClient, clinician: Person, desks: tuple[Client, Client]
) -> None:
    one, two = brought(web, clinician, 1), brought(web, clinician, 2, OTHER)
    ask_one_person(desks[0], one.patient_id, two.patient_id)
    other = make_staff("Odo Other", Role.IMAGING_DESK)
    other.account.memberships.all().delete()
    place = f"{PAGE}{to_text(RecordChange.objects.get().pk)}/"
    there = browser_of(other, app_code(give_second_factor(other)))
    assert there.get(PAGE).status_code == 404
    assert there.post(place, {"act": "confirm"}).status_code == 404
