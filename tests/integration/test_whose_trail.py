"""Does everybody read of the record what is theirs to read, and nothing more?"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from starlette.testclient import TestClient

from acting import make_staff
from cast import Person, give_second_factor, make_person, party_of_person
from powers import browser_for, make_runner
from safelight.exchange.access.officer import people_asked_for
from safelight.exchange.access.reading import reading_of
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import AuditEvent
from safelight.platform.audit.queries import TrailEntry, TrailFilter, page_of
from safelight.records.accounts.models import Kind, Membership, Organization, Role, StaffRole
from safelight.records.accounts.queries import address_of
from safelight.records.imaging.models import Study, Vault
from story import CT, Story, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

READERS = (StaffRole.PRIVACY_OFFICIAL, StaffRole.SECURITY_OFFICER, StaffRole.AUDITOR)
OTHERS = tuple(role for role in StaffRole if role not in READERS)


def read_by(person: Person) -> tuple[TrailEntry, ...]:
    reading = reading_of(party_of_person(person))
    return page_of(TrailFilter(within=reading.within), limit=500).entries


@pytest.fixture
def elsewhere(web: TestClient) -> Person:
    """Somebody of another house, with an exam in its vault."""
    person = make_person("Erik Elsewhere", Kind.PROVIDER, "Lakeside Clinic")
    Membership.objects.filter(account=person.account).update(role=Role.IMAGING_DESK)
    return person


@pytest.fixture
def desk(web: TestClient) -> Person:
    return make_staff("Dana Desk", Role.IMAGING_DESK)


@pytest.fixture
def officer() -> Person:
    person = make_staff("Otis Officer")
    give_second_factor(person)
    return person


def note(actor: str, *, subject: str = "study/made-up", vault_id: UUID | None = None) -> UUID:
    with transaction.atomic():
        return record(
            AuditEvent.READ, actor=actor, subject=subject, vault_id=vault_id, at=clock.now()
        )


def act(person: Person, vault_id: UUID | None = None) -> UUID:
    return note(f"account/{person.account.pk}", vault_id=vault_id)


def test_an_officer_reads_of_the_own_house_and_of_nobody_else(
    web: TestClient, story: Story, desk: Person, officer: Person, elsewhere: Person
) -> None:
    for person in (desk, elsewhere):
        store(web, person, CT.read_bytes())
    ours = Organization.objects.get(memberships__account=desk.account)
    vault = Vault.objects.get(organization_id=ours.pk)
    read = read_by(officer)
    assert {entry.vault_id for entry in read} == {vault.pk, None}
    filed = Study.objects.get(vault_id=vault.pk).pk
    assert f"study/{filed}" in {entry.subject for entry in read}
    people = {f"account/{each.account.pk}" for each in (desk, officer)}
    assert {entry.actor for entry in read} <= people | {f"organization/{ours.pk}", "operator"}
    assert f"account/{elsewhere.account.pk}" not in str(read)
    assert f"account/{story.owner.account.pk}" not in str(read)


def test_what_members_did_counts_from_their_first_day_to_their_last_and_here_only(
    desk: Person, officer: Person, elsewhere: Person
) -> None:
    now = clock.now()
    row = Membership.objects.get(account=desk.account)
    done = act(desk)
    assert done in {entry.entry_id for entry in read_by(officer)}
    Membership.objects.filter(pk=row.pk).update(since=now + timedelta(days=1))
    assert done not in {entry.entry_id for entry in read_by(officer)}
    Membership.objects.filter(pk=row.pk).update(
        since=now - timedelta(days=9), ended_at=now - timedelta(days=1), state="ended"
    )
    assert done not in {entry.entry_id for entry in read_by(officer)}
    Membership.objects.filter(pk=row.pk).update(ended_at=None, state="active")
    assert done in {entry.entry_id for entry in read_by(officer)}


def test_what_a_member_does_for_another_house_is_not_this_officers(
    web: TestClient, story: Story, desk: Person, officer: Person, elsewhere: Person
) -> None:
    store(web, elsewhere, CT.read_bytes())
    there = Organization.objects.get(memberships__account=elsewhere.account)
    Membership.objects.create(account=desk.account, organization=there, role=Role.CLINICIAN)
    vault_id = Vault.objects.get(organization_id=there.pk).pk
    theirs, ours = act(desk, vault_id=vault_id), act(desk)
    read = {entry.entry_id for entry in read_by(officer)}
    assert ours in read
    assert theirs not in read


def test_a_consent_to_the_house_is_the_officers_to_read(story: Story, officer: Person) -> None:
    ours = Organization.objects.get(memberships__account=officer.account)
    shared = story.share(audience="organization", organization_id=str(ours.pk), name="", address="")
    subjects = {entry.subject for entry in read_by(officer)}
    assert f"consent/{shared.consent_id}" in subjects
    assert f"study/{story.study_id}" not in subjects


@pytest.mark.parametrize("role", READERS)
def test_those_of_the_instance_whose_work_it_is_read_everything(
    story: Story, elsewhere: Person, role: StaffRole
) -> None:
    runner = make_runner("Rita Reader", role)
    entries = page_of(TrailFilter(), limit=500).entries
    assert read_by(runner.person) == entries
    page = browser_for(runner.person).get(reverse("trail")).content.decode()
    assert f"study/{story.study_id}" in page
    assert "Export for the offline check" in page


@pytest.mark.parametrize("role", OTHERS)
def test_support_and_all_others_find_no_record(role: StaffRole) -> None:
    runner = make_runner("Nosy Nora", role)
    with pytest.raises(NotFoundError):
        reading_of(runner.party)
    browser = browser_for(runner.person)
    assert browser.get(reverse("trail")).status_code == 404
    for name in ("trail-find", "trail-verify", "trail-export"):
        assert browser.post(reverse(name)).status_code == 404


def test_an_officer_of_a_house_cannot_export_what_is_not_theirs(officer: Person) -> None:
    browser = browser_for(officer)
    page = browser.get(reverse("trail")).content.decode()
    assert "Export for the offline check" not in page
    assert "your institution" in page
    assert browser.post(reverse("trail-export")).status_code == 404
    assert "The record is whole." in browser.post(reverse("trail-verify")).content.decode()


def test_what_happens_to_a_members_account_is_the_officers_to_read(
    desk: Person, officer: Person, story: Story
) -> None:
    for person in (desk, story.owner):
        Client().post(reverse("sign-in"), {"email": address_of(person.account), "password": "no"})
    refused = [each for each in read_by(officer) if each.kind == "account.sign-in-refused"]
    assert [each.subject for each in refused] == [f"account/{desk.account.pk}"]


def test_an_officer_is_told_only_of_people_who_occur_in_what_is_theirs(
    story: Story, desk: Person, officer: Person
) -> None:
    party, at = party_of_person(officer), clock.now()
    act(desk)
    assert people_asked_for(party, address_of(desk.account), at=at) == (desk.account.pk,)
    assert people_asked_for(party, address_of(story.owner.account), at=at) == ()
    assert people_asked_for(party, story.owner.account.name, at=at) == ()
    official = make_runner("Paula Official", StaffRole.PRIVACY_OFFICIAL)
    found = people_asked_for(official.party, story.owner.account.name, at=at)
    assert found == (story.owner.account.pk,)


def test_an_auditor_asks_by_ids_and_is_told_no_names(story: Story) -> None:
    auditor = make_runner("Axel Auditor", StaffRole.AUDITOR)
    with pytest.raises(NotFoundError):
        people_asked_for(auditor.party, story.owner.account.name, at=clock.now())
    browser = browser_for(auditor.person)
    answer = browser.post(reverse("trail-find"), {"actor": story.owner.account.name})
    assert answer.status_code == 422
    assert "An auditor asks by ids only." in answer.content.decode()
    assert (
        browser.post(
            reverse("trail-find"), {"actor": f"account/{story.owner.account.pk}"}
        ).status_code
        == 302
    )
    assert "/dicomweb" not in browser.get(reverse("trail")).content.decode()
