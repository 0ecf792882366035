"""AT-04.1: the board, the decision and what is really fetched agree, representatives included."""

from __future__ import annotations

import random
from itertools import product
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from acting import ask, invite, make_helper, make_staff, verify
from cast import Person, make_person, party_of_person
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.representing.ending import block, end_acting, raise_dispute
from safelight.exchange.access.sensitive import mark_sensitive
from safelight.exchange.access.who_sees import who_can_see
from safelight.exchange.consent.terms import Sensitive
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.exchange.release.viewing.overview import ExamSummary, exams
from safelight.kernel import clock
from safelight.records.accounts.models import Kind, Role
from safelight.records.accounts.queries import address_of
from story import Story, accept_share, another_ct, begin_story, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

PAIRS = 50
EXAMS = 5


def a_ct(number: int) -> bytes:
    return another_ct(
        StudyInstanceUID=f"2.25.4{number}",
        SeriesInstanceUID=f"2.25.5{number}",
        SOPInstanceUID=f"2.25.6{number}",
    )


def people_around(story: Story) -> dict[str, Person]:
    """Surround the owner with everybody who can have a way in, or had one."""
    owner, at = story.owner, clock.now()
    names = ("Helper", "Former", "Invited", "Mother", "Father", "Blocked", "Doctor", "Over")
    made = {name: make_person(f"{name} Example", Kind.INDIVIDUAL) for name in names}
    staff = make_staff("Otis Officer"), make_staff("Dana Desk", Role.IMAGING_DESK)
    make_helper(owner, made["Helper"])
    former = make_helper(owner, made["Former"], may_manage=True)
    end_acting(story.party, former.pk, at=at)
    invite(owner, made["Invited"])
    rows = {
        name: verify(ask(made[name], address=address_of(owner.account)), *staff)
        for name in ("Mother", "Father", "Blocked")
    }
    ask(made["Over"], address=address_of(owner.account))
    raise_dispute(party_of_person(made["Father"]), rows["Father"].pk, "No.", at=clock.now())
    block(party_of_person(staff[0]), rows["Blocked"].pk, "Reported.", at=clock.now())
    for name, stays in (("Doctor", True), ("Over", False)):
        shared = story.share(address=address_of(made[name].account))
        accept_share(shared, made[name])
        if not stays:
            withdraw(story.party, shared.consent_id, at=clock.now())
    return made | {"Owner": owner, "Officer": staff[0]}


def fetched(web: TestClient, person: Person, exam: ExamSummary) -> bool:
    answer = web.get(f"/dicomweb/studies/{exam.study_uid}/metadata", headers=person.headers)
    assert answer.status_code in {200, 404}
    return answer.status_code == 200


def listed(web: TestClient, person: Person, exam: ExamSummary) -> bool:
    answer = web.get(f"/dicomweb/studies?StudyInstanceUID={exam.study_uid}", headers=person.headers)
    return exam.study_uid in answer.text


def test_the_board_the_decision_and_the_fetch_agree(web: TestClient, owner: Person) -> None:
    story = begin_story(web, owner)
    store(web, owner, *(a_ct(number) for number in range(EXAMS)))
    known = exams(story.party, at=clock.now())
    confidential: UUID = next(each.study_id for each in known if each.study_id != story.study_id)
    people = people_around(story)
    mark_sensitive(
        story.party, confidential, frozenset({Sensitive.MINOR_CONFIDENTIAL}), at=clock.now()
    )
    everybody = list(product(people.items(), known))
    dice = random.Random(41)  # noqa: S311 (which pairs are looked at)
    seen = set()
    for (name, person), exam in dice.sample(everybody, PAIRS):
        at, party = clock.now(), party_of_person(person)
        decided = decide(party, Action.VIEW, exam.study_id, at=at).allowed
        board = {row.account_id for row in who_can_see(exam.study_id, at=at)}
        assert (person.account.pk in board) == decided, name
        assert fetched(web, person, exam) == decided, name
        assert listed(web, person, exam) == decided, name
        seen |= {name} if decided else set()
    assert seen >= {"Owner", "Helper", "Mother", "Father"}
    assert not seen & {"Former", "Invited", "Blocked", "Over", "Officer"}
