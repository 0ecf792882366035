"""Is it on record each time that somebody at a desk reads a list with patients' names in it?"""

from __future__ import annotations

import pytest
from django.test import Client
from starlette.testclient import TestClient

from acting import ask, make_staff
from cast import Person, app_code, give_second_factor, make_person, party_of_person
from on_paper import fresh_code, make_desk
from safelight.exchange.access.models import RecordClaim
from safelight.exchange.release.claiming import claim_record, offer_claim
from safelight.exchange.release.deceased import report_death
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from safelight.records.accounts.models import Kind, Role
from safelight.records.imaging.models import Vault
from safelight.surfaces.web.trail_words import words_of
from story import another_ct, browser_of, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

NUMBER, BORN = "MRN-7", "1970-02-03"


@pytest.fixture
def desk(web: TestClient, clinician: Person) -> Person:
    """Let a hospital keep an exam of a patient with a number."""
    store(web, clinician, another_ct(PatientID=NUMBER, PatientBirthDate=BORN.replace("-", "")))
    return make_staff("Dana Desk", Role.IMAGING_DESK)


@pytest.fixture
def browser(desk: Person) -> Client:
    return browser_of(desk, app_code(give_second_factor(desk)))


def readings(kind: str, reader: Person) -> int:
    """Count what is on record of one kind by one reader, in the vault of the hospital."""
    hospital = Vault.objects.get(organization_id=reader.account.memberships.get().organization_id)
    assert words_of(kind) != kind, "the officer reads words"
    actor = f"account/{reader.account.pk}"
    return Entry.objects.filter(kind=kind, actor=actor, vault_id=hospital.pk).count()


def test_reading_who_claimed_which_record_is_on_record(
    desk: Person, browser: Client, owner: Person
) -> None:
    party, at = party_of_person(desk), clock.now()
    _, code = offer_claim(party, NUMBER, BORN, "Card seen", at=at)
    claim_record(party_of_person(owner), code, BORN, at=at)
    for times in (1, 2):
        assert "CompressedSamples" in browser.get("/desk/records/").content.decode()
        assert readings("access.claims-listed", desk) == times


def test_reading_one_claim_is_on_record_by_its_name(desk: Person, browser: Client) -> None:
    claim, _ = offer_claim(party_of_person(desk), NUMBER, BORN, "Card seen", at=clock.now())
    assert browser.get(f"/desk/records/{to_text(claim.pk)}/").status_code == 200
    (read,) = Entry.objects.filter(kind="access.claim-read")
    assert read.subject == f"claim/{claim.pk}"
    assert readings("access.claim-read", desk) == 1
    assert readings("access.claims-listed", desk) == 0


def test_reading_who_is_said_to_have_died_is_on_record(
    desk: Person, browser: Client, owner: Person
) -> None:
    party, at = party_of_person(desk), clock.now()
    _, code = offer_claim(party, NUMBER, BORN, "Card seen", at=at)
    claim_record(party_of_person(owner), code, BORN, at=at)
    report_death(party, NUMBER, BORN, "Certificate seen", at=at)
    for times in (1, 2):
        assert "Olga Owner" in browser.get("/desk/deaths/").content.decode()
        assert readings("access.deaths-listed", desk) == times


def test_reading_the_list_of_signed_papers_and_one_of_them_is_on_record(web: TestClient) -> None:
    desk = make_desk(web)
    paper_id = desk.record()
    browser = browser_of(desk.first, fresh_code(desk.first))
    assert "Paul Patient" in browser.get("/papers/").content.decode()
    assert readings("paper.listed", desk.first) == 1
    assert "Paul Patient" in browser.get(f"/papers/{to_text(paper_id)}/").content.decode()
    assert readings("paper.opened", desk.first) == 1


def test_reading_who_asks_to_act_for_whom_is_on_record_before_there_is_any_exam() -> None:
    officer = make_staff("Otis Officer")
    parent = make_person("Paula Parent", Kind.INDIVIDUAL)
    ask(parent, address="mia@minor.example")
    browser = browser_of(officer, app_code(give_second_factor(officer)))
    for times in (1, 2):
        assert "Mia Minor" in browser.get("/officer/acting/").content.decode()
        kind, actor = "access.representatives-listed", f"account/{officer.account.pk}"
        assert Entry.objects.filter(kind=kind, actor=actor).count() == times
        assert words_of(kind) != kind, "the officer reads words"


def test_nothing_is_on_record_of_whom_the_list_is_not_for(desk: Person) -> None:
    offer_claim(party_of_person(desk), NUMBER, BORN, "Card seen", at=clock.now())
    assert RecordClaim.objects.exists()
    other = make_person("Carl Colleague", Kind.PROVIDER, "Example Hospital")
    browser = browser_of(other, app_code(give_second_factor(other)))
    for page in ("/desk/records/", "/desk/deaths/", "/officer/acting/"):
        assert browser.get(page).status_code == 404
    assert not Entry.objects.filter(actor=f"account/{other.account.pk}", kind__contains="listed")
