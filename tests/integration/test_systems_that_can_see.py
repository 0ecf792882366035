"""Who can see an exam, and who did: the hospital's own connected systems stand there by name."""

from __future__ import annotations

import time
from pathlib import Path
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from acting import hospital_id, make_staff
from asking import store
from cast import Person, app_code, give_second_factor, party_of_person
from dicom_peer import CT, EXPLICIT, GET_STUDY, Caller, connect, identifier, served
from objects import a_file, uid
from partnering import House, a_bond, a_certificate, a_house, a_partner
from safelight.exchange.access.connecting import OPERATOR, close_connection, suspend_connection
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.access.systems import associate
from safelight.exchange.access.who_sees import who_can_see
from safelight.exchange.release.activity import activity
from safelight.exchange.release.board import seers
from safelight.exchange.release.claiming import claim_record, offer_claim
from safelight.exchange.release.papers.gathering import entries_of
from safelight.exchange.release.periods import ALWAYS
from safelight.exchange.release.viewing.overview import exams
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.records.accounts.models import Role
from safelight.records.imaging.models import Study
from story import browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def exam(web: TestClient, clinician: Person, owner: Person) -> UUID:
    """Keep an exam at the hospital that its patient claimed."""
    store(web, clinician, *(a_file(each, PatientBirthDate="19800203") for each in (1, 2)))
    desk = party_of_person(make_staff("Dana Desk", Role.IMAGING_DESK))
    code = offer_claim(desk, "AB-17", "1980-02-03", "Identity card seen", at=clock.now())[1]
    claim_record(party_of_person(owner), code, "1980-02-03", at=clock.now())
    return UUID(str(Study.objects.get().pk))


def systems(party: Party, exam: UUID) -> list[str]:
    """Return the systems that the owner reads of."""
    found = seers(party, exam, at=clock.now())
    return [each.name for each in found if each.way == "own-system"]


def test_an_own_system_is_listed_while_it_may_ask(exam: UUID, owner: Person) -> None:
    party = party_of_person(owner)
    assert systems(party, exam) == []
    (before,) = exams(party, at=clock.now())
    connect(calling="SENDS", they_ask=False)
    assert systems(party, exam) == []
    connection = connect()
    assert systems(party, exam) == ["A scanner"]
    (after,) = exams(party, at=clock.now())
    assert after.people == before.people  # a system is nobody
    (row,) = [each for each in who_can_see(exam, at=clock.now()) if each.connection_id]
    assert row.connection_id == connection
    here = associate(
        called="SAFELIGHT", calling="CT1", fingerprint=None, address="127.0.0.1", at=clock.now()
    )
    assert here is not None
    assert decide(here.party, Action.VIEW, exam, at=clock.now()).allowed
    suspend_connection(OPERATOR, connection, at=clock.now())
    assert systems(party, exam) == []
    assert not decide(here.party, Action.VIEW, exam, at=clock.now()).allowed
    close_connection(OPERATOR, connection, at=clock.now())
    assert systems(party, exam) == []


def test_a_partners_system_and_one_of_another_hospitals_are_not_listed(
    exam: UUID, owner: Person, tmp_path: Path
) -> None:
    people = [make_staff(each, Role.IMAGING_DESK) for each in ("Desk One", "Desk Two")]
    house = House(UUID(hospital_id()), *people)
    partner = a_partner(house)
    a_bond(house, partner, a_certificate(tmp_path))
    assert systems(party_of_person(owner), exam) == []
    a_bond(a_house(), None, a_certificate(tmp_path, "lake"), name="Of another", calling="LAKE")
    assert systems(party_of_person(owner), exam) == []
    a_bond(house, None, a_certificate(tmp_path, "own"), name="Own archive", calling="OWN")
    assert systems(party_of_person(owner), exam) == ["Own archive"]


def by_others(party: Party, exam: UUID) -> list[tuple[str, int]]:
    told = [each for each in activity(party, exam, at=clock.now()) if each.did == "looked"]
    return [(each.who, each.pictures) for each in told if not each.is_you]


def test_the_owner_reads_which_system_looked(exam: UUID, owner: Person) -> None:
    connect()
    taken: list[bytes] = []
    with served() as port:
        association = Caller(port).collecting(taken, GET_STUDY, objects={CT: [EXPLICIT]})
        answers = list(
            association.send_c_get(identifier("STUDY", StudyInstanceUID=uid(1)), GET_STUDY)
        )
        association.release()
    assert answers[-1][0].NumberOfCompletedSuboperations == len(taken) == 2
    party = party_of_person(owner)
    # What was shown is counted a moment after it was sent.
    deadline = time.monotonic() + 10
    while (told := by_others(party, exam)) != [("A scanner", 2)] and time.monotonic() < deadline:
        time.sleep(0.1)
    assert told == [("A scanner", 2)]
    listed = [each.recipient for each in entries_of(party, ALWAYS, at=clock.now())]
    assert "A scanner" in listed
    assert not any("not known" in each for each in listed)


def test_the_page_says_it_in_plain_words(exam: UUID, owner: Person, web: TestClient) -> None:
    connect()
    address = f"/exams/{to_text(exam)}/"
    page = browser_of(owner, app_code(give_second_factor(owner))).get(address)
    assert page.status_code == 200
    said = page.content.decode()
    assert "A scanner" in said
    assert "A system of the hospital that keeps this exam" in said
