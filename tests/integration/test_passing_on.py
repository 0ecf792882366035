"""Patient, doctor, second doctor: what may travel on, who sees it, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from starlette.testclient import TestClient

from cast import Person, make_person, messages_to, party_of_person
from passing import CARL, NAMED, Recipient, consultant, shown_to
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.onward import OnwardRefusal
from safelight.exchange.release.activity import activity
from safelight.exchange.release.errors import FurtherReleaseError, ManifestChangedError
from safelight.exchange.release.models import Disclosure, GuestEntry, RefusedRelease
from safelight.exchange.release.sharing.ceremony import Shared, confirm, present
from safelight.exchange.release.sharing.drafts import start_draft
from safelight.exchange.release.sharing.onward import hold_parent, parents_of, start_onward
from safelight.exchange.release.sharing.proof import turn_down
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.exchange.release.signed import terms_of, words_of
from safelight.exchange.release.viewing.overview import exam, exams
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.models import Entry
from safelight.records.accounts.models import Kind
from safelight.records.accounts.queries import address_of
from story import Story, accept_share, another_ct, open_share, store

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def anna(story: Story, clinician: Person) -> Recipient:
    """Return a doctor whom the owner lets pass the exam on to one colleague."""
    return shown_to(story, clinician, **NAMED)


def sees(person: Person, story: Story) -> bool:
    decision = decide(party_of_person(person), Action.VIEW, story.study_id, at=clock.now())
    return decision.allowed


def refused(draft: Callable[[], object]) -> str:
    with pytest.raises(FurtherReleaseError) as error:
        draft()
    assert error.value.status == 403
    return error.value.code


def shown(anna: Recipient, **changes: object) -> object:
    return present(anna.party, anna.draft(**changes), statement_version="1", at=clock.now())


def test_the_named_colleague_looks_under_a_consent_that_rests_on_the_patients(
    story: Story, anna: Recipient
) -> None:
    carl = consultant()
    passed = anna.pass_on()
    accept_share(passed, carl)
    assert sees(carl, story)
    exam(party_of_person(carl), story.study_id, at=clock.now())

    child = Consent.objects.get(pk=passed.consent_id)
    assert (child.act, child.parent_id) == ("onward", anna.received.consent_id)
    assert child.subject_account_id == story.owner.account.pk
    assert not child.may_pass_on
    disclosed = Disclosure.objects.get(recipient=party_of_person(carl).name)
    assert disclosed.consent_id == passed.consent_id
    words = words_of(child)
    assert "You, Clara Clinician, passing on what Olga Owner let you see," in words
    assert "You may do this because Olga Owner agreed to it" in words
    owner = address_of(story.owner.account)
    assert "passed-on" in {template for template, _ in messages_to(owner)}


def test_an_unregistered_colleague_opens_it_by_the_link(story: Story, anna: Recipient) -> None:
    passed = anna.pass_on()
    cookie = open_share(passed, address=CARL)
    assert story.as_guest(passed, cookie) == 200
    for told in (story.owner, anna.person):  # both learn that it was opened
        heard = {template for template, _ in messages_to(address_of(told.account))}
        assert {"share-verified", "share-opened"} <= heard
    withdraw(story.party, anna.received.consent_id, at=clock.now())
    assert story.as_guest(passed, cookie) == 410


def test_somebody_who_was_not_named_gets_nothing(story: Story, anna: Recipient) -> None:
    assert refused(lambda: shown(anna, address="dora@clinic.example")) == (
        "further_release_not_contemplated"
    )
    assert RefusedRelease.objects.get().reason == OnwardRefusal.OTHER_RECIPIENT
    assert Consent.objects.count() == 1


def test_another_purpose_is_not_covered(story: Story, anna: Recipient) -> None:
    assert refused(lambda: shown(anna, purpose="research")) == "purpose_not_covered"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"may_download": True}, "permissions_not_covered", id="a copy"),
        pytest.param({"ends_on": "late"}, "dates_not_covered", id="for longer"),
    ],
)
def test_no_more_is_passed_on_than_was_agreed(
    anna: Recipient, changes: dict[str, object], code: str
) -> None:
    if "ends_on" in changes:
        changes = {"ends_on": (clock.now() + timedelta(days=60)).date().isoformat()}
    assert refused(lambda: shown(anna, **changes)) == code


def test_what_came_into_the_exam_later_is_not_passed_on(story: Story, anna: Recipient) -> None:
    story.add(another_ct(SOPInstanceUID="1.2.3.4", InstanceNumber=2))
    passed = anna.pass_on()
    (item,) = terms_of(Consent.objects.get(pk=passed.consent_id)).items
    assert item == terms_of(Consent.objects.get(pk=anna.received.consent_id)).items[0]
    assert item.pictures == 1


def test_a_class_of_recipients_may_be_meant(story: Story, clinician: Person) -> None:
    of_doctors = {
        "further": "class",
        "further_classes": ("clinician",),
        "further_purposes": ("treatment",),
    }
    anna = shown_to(story, clinician, **of_doctors)
    anna.pass_on(purpose="treatment", address="anybody@clinic.example")
    lawyer = {"purpose": "treatment", "kind": "attorney"}
    assert refused(lambda: shown(anna, **lawyer)) == "further_release_not_contemplated"


def test_without_a_word_of_passing_on_nothing_leaves_and_the_owner_reads_of_the_try(
    story: Story, clinician: Person
) -> None:
    anna = shown_to(story, clinician, may_download=True)
    for begin in (start_onward, start_draft):
        with pytest.raises(FurtherReleaseError) as error:
            begin(anna.party, story.study_id, at=clock.now())
        assert error.value.code == "further_release_not_contemplated"
    assert parents_of(anna.party, story.study_id, at=clock.now()) == []
    tried = RefusedRelease.objects.get()  # two tries within a minute are one
    assert (tried.actor, tried.study_id) == (anna.party.name, story.study_id)
    on_record = Entry.objects.filter(kind="study.not-passed-on")
    assert on_record.filter(outcome="denied").exists()
    happened = [each for each in activity(story.party, at=clock.now()) if each.did == "tried"]
    assert [(each.who, each.study_id) for each in happened] == [("Clara Clinician", story.study_id)]
    with pytest.raises(DatabaseError, match="a refused try"), transaction.atomic():
        RefusedRelease.objects.all().delete()


def test_who_may_not_look_learns_nothing_by_trying(story: Story, stranger: Person) -> None:
    for begin in (start_onward, start_draft):
        with pytest.raises(NotFoundError):
            begin(party_of_person(stranger), story.study_id, at=clock.now())
    assert not RefusedRelease.objects.exists()


def test_the_care_team_passes_nothing_on_by_itself(
    story: Story, web: TestClient, clinician: Person
) -> None:
    colleague = make_person("Cora Colleague", Kind.PROVIDER, "Example Hospital")
    store(web, clinician, another_ct(StudyInstanceUID="1.2.9", SOPInstanceUID="1.2.9.1"))
    (study,) = exams(party_of_person(clinician), at=clock.now())
    for begin in (start_onward, start_draft):
        with pytest.raises(FurtherReleaseError):
            begin(party_of_person(clinician), study.study_id, at=clock.now())
        with pytest.raises(NotFoundError):
            begin(party_of_person(colleague), study.study_id, at=clock.now())
    assert RefusedRelease.objects.get().actor == party_of_person(clinician).name


def test_what_was_passed_on_goes_no_further(story: Story, anna: Recipient) -> None:
    carl = consultant()
    accept_share(anna.pass_on(), carl)
    with pytest.raises(FurtherReleaseError):
        start_onward(party_of_person(carl), story.study_id, at=clock.now())


def test_taking_the_whole_back_ends_what_was_passed_on(story: Story, anna: Recipient) -> None:
    carl = consultant()
    passed = anna.pass_on()
    accept_share(passed, carl)
    withdraw(story.party, anna.received.consent_id, at=clock.now())
    assert not sees(carl, story)
    assert Consent.objects.get(pk=passed.consent_id).ended_by == "parent"


def test_a_no_of_the_recipient_ends_what_they_passed_on_too(story: Story, anna: Recipient) -> None:
    carl = consultant()
    passed = anna.pass_on()
    accept_share(passed, carl)
    assert sees(carl, story)
    entry = GuestEntry.objects.get(share_id=anna.received.share_id)
    turn_down(entry, at=clock.now())
    assert not sees(carl, story)
    ended = {each.ended_by for each in Consent.objects.filter(revoked_at__isnull=False)}
    assert ended == {"recipient", "parent"}


def test_the_patient_takes_back_what_was_passed_on_alone(story: Story, anna: Recipient) -> None:
    carl = consultant()
    passed = anna.pass_on()
    accept_share(passed, carl)
    withdraw(story.party, passed.consent_id, at=clock.now())
    assert not sees(carl, story)
    assert sees(anna.person, story)


def test_who_passed_it_on_can_take_it_back_and_others_cannot(
    story: Story, anna: Recipient, stranger: Person
) -> None:
    passed = anna.pass_on()
    for nobody in (party_of_person(stranger), party_of_person(consultant())):
        with pytest.raises(NotFoundError):
            withdraw(nobody, passed.consent_id, at=clock.now())
    withdraw(anna.party, passed.consent_id, at=clock.now())
    assert Consent.objects.get(pk=passed.consent_id).revoked_at is not None


def test_a_paused_consent_pauses_what_was_passed_on(story: Story, anna: Recipient) -> None:
    passed = anna.pass_on()
    cookie = open_share(passed, address=CARL)
    Consent.objects.filter(pk=anna.received.consent_id).update(suspended_at=clock.now())
    assert story.as_guest(passed, cookie) in {404, 410, 423}


def test_nothing_is_signed_under_a_consent_that_was_taken_back_meanwhile(
    story: Story, anna: Recipient
) -> None:
    draft_id = anna.draft()
    presented = present(anna.party, draft_id, statement_version="1", at=clock.now())
    approved = anna.approve(presented.challenge_id)
    withdraw(story.party, anna.received.consent_id, at=clock.now())
    with pytest.raises(ManifestChangedError), transaction.atomic():
        hold_parent(presented.terms)
    with pytest.raises(NotFoundError):
        confirm(anna.party, draft_id, approved, at=clock.now())
    assert Consent.objects.count() == 1


def test_it_ends_by_itself_no_later_than_what_it_rests_on(
    story: Story, anna: Recipient, moved_clock: Callable[[timedelta], datetime]
) -> None:
    parent = Consent.objects.get(pk=anna.received.consent_id)
    passed: Shared = anna.pass_on(ends_on=parent.ends_at.date().isoformat())
    assert Consent.objects.get(pk=passed.consent_id).ends_at <= parent.ends_at
    moved_clock(timedelta(days=31))
    assert parents_of(anna.party, story.study_id, at=clock.now()) == []


def test_the_database_itself_knows_what_a_consent_to_pass_on_rests_on(
    story: Story, anna: Recipient
) -> None:
    passed = anna.pass_on()
    row = Consent.objects.get(pk=passed.consent_id)
    values = {field.attname: getattr(row, field.attname) for field in Consent._meta.concrete_fields}
    for changes in (
        {"parent_id": None},
        {"act": "share"},
        {"may_pass_on": True},
        {"may_download": True},
        {"ends_at": row.ends_at + timedelta(days=400)},
        {"parent_id": passed.consent_id},
    ):
        spoiled = values | {"id": story.study_id, "authorization_id": story.study_id} | changes
        with (
            pytest.raises(DatabaseError, match="passed on without a consent"),
            transaction.atomic(),
        ):
            Consent.objects.create(**spoiled)
