"""L39: who can see an exam is a closed list, and the list is what the doors obey."""

from __future__ import annotations

import pytest

from acting import make_helper
from cast import Person, party_of_person
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.representing.ending import end_acting
from safelight.exchange.access.who_sees import who_can_see
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.kernel import clock
from story import Story, accept_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def agreed_by_all(story: Story, people: list[Person]) -> set[str]:
    """Return who can see, as list, decision and door say it."""
    at = clock.now()
    listed = {row.account_id for row in who_can_see(story.study_id, at=at)}
    for person in people:
        decided = decide(party_of_person(person), Action.VIEW, story.study_id, at=at).allowed
        frame = "/dicomweb" + story.address + "/frames/1"
        served = story.web.get(frame, headers=person.headers).status_code == 200
        assert decided == served == (person.account.pk in listed)
    return {person.account.name for person in people if person.account.pk in listed}


def test_the_list_the_decision_and_the_doors_agree(
    story: Story, stranger: Person, clinician: Person
) -> None:
    people = [story.owner, stranger, clinician]
    assert agreed_by_all(story, people) == {"Olga Owner"}
    shared = story.share(address="clara.clinician@people.example")
    accept_share(shared, clinician)
    assert agreed_by_all(story, people) == {"Olga Owner", "Clara Clinician"}
    helps = make_helper(story.owner, stranger)
    assert agreed_by_all(story, people) == {"Olga Owner", "Clara Clinician", "Stan Stranger"}
    withdraw(story.party, shared.consent_id, at=clock.now())
    end_acting(story.party, helps.pk, at=clock.now())
    assert agreed_by_all(story, people) == {"Olga Owner"}
