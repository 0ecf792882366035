"""L61: only who is approved, or answers for an emergency, and somebody looks at each afterwards."""

from __future__ import annotations

from uuid import UUID

import pytest
from starlette.testclient import TestClient

from acting import make_staff
from cast import Person, make_person, party_of_person
from powers import break_the_glass, emergency
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.powers.errors import TooManyEmergenciesError
from safelight.exchange.access.powers.reviewing import accesses_to_review, review
from safelight.kernel import clock
from safelight.kernel.errors import InvalidFieldError
from safelight.records.accounts.models import Kind
from safelight.records.imaging.models import Study
from story import another_ct, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

NUMBER, BORN = "MRN-7", "1970-02-03"


@pytest.fixture
def kept(web: TestClient, clinician: Person) -> UUID:
    of_whom = {"PatientID": NUMBER, "PatientBirthDate": BORN.replace("-", "")}
    store(web, clinician, another_ct(**of_whom))
    return Study.objects.get().pk


def _sees(person: Person, study_id: UUID) -> bool:
    return decide(party_of_person(person), Action.VIEW, study_id, at=clock.now()).allowed


def test_a_colleague_sees_nothing_but_in_an_emergency_they_answer_for(kept: UUID) -> None:
    doctor = make_person("Dora Duty", Kind.PROVIDER, "Example Hospital")
    elsewhere = make_person("Else Where", Kind.PROVIDER, "Other Clinic")
    assert not _sees(doctor, kept)
    with pytest.raises(InvalidFieldError):
        break_the_glass(elsewhere, emergency(NUMBER, BORN))
    break_the_glass(doctor, emergency(NUMBER, BORN))
    assert _sees(doctor, kept)
    assert not _sees(elsewhere, kept)


def test_what_nobody_looked_at_afterwards_stops_the_next(kept: UUID) -> None:
    doctor = make_person("Dora Duty", Kind.PROVIDER, "Example Hospital")
    officer = party_of_person(make_staff("Olga Officer"))
    for _ in range(3):
        break_the_glass(doctor, emergency(NUMBER, BORN))
    with pytest.raises(TooManyEmergenciesError):
        break_the_glass(doctor, emergency(NUMBER, BORN))
    waiting = accesses_to_review(officer, at=clock.now())
    assert len(waiting) == 3
    for each in waiting:
        review(officer, each.pk, "unjustified", "Nobody was ill", at=clock.now())
    assert not _sees(doctor, kept)
