"""Parents, guardians, proxies, executors, helpers: what opens to them, when, and when it ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from acting import ask, invite, make_helper, make_staff, verify
from cast import Person, make_person, messages_to, party_of_person
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.access.queries import reach
from safelight.exchange.access.representing.asking import Claim, ask_to_act
from safelight.exchange.access.representing.ending import (
    block,
    end_acting,
    raise_dispute,
    settle_dispute,
)
from safelight.exchange.access.representing.helping import accept_help
from safelight.exchange.access.representing.lists import acting_for, acts_for
from safelight.exchange.access.representing.verifying import (
    confirm_evidence,
    read_evidence,
    to_verify,
)
from safelight.exchange.access.sensitive import mark_sensitive
from safelight.exchange.access.who_sees import who_can_see
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.terms import Sensitive
from safelight.exchange.release.activity import activity
from safelight.exchange.release.board import seers, shared_by
from safelight.exchange.release.models import Disclosure
from safelight.exchange.release.sharing.drafts import start_draft
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.exchange.release.signed import terms_of, words_of
from safelight.exchange.release.viewing.download import download
from safelight.exchange.release.viewing.overview import exam, exams
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.platform.audit.models import Entry
from safelight.records.accounts.models import Kind, Representative, Role
from safelight.records.accounts.queries import address_of
from story import Story, begin_story, sharing_as

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

ALL = {"may_share": True, "may_manage": True, "may_use_rights": True}


@pytest.fixture
def mother() -> Person:
    return make_person("Paula Parent", Kind.INDIVIDUAL)


@pytest.fixture
def father() -> Person:
    return make_person("Peter Parent", Kind.INDIVIDUAL)


@pytest.fixture
def officers() -> tuple[Person, Person]:
    return make_staff("Otis Officer"), make_staff("Dana Desk", Role.IMAGING_DESK)


def sees(person: Person, study_id: UUID) -> bool:
    """Say whether rules, list, board and fetch all show an exam; they never differ."""
    party, at = party_of_person(person), clock.now()
    allowed = decide(party, Action.VIEW, study_id, at=at).allowed
    assert (study_id in {each.study_id for each in exams(party, at=at)}) == allowed
    listed = {row.account_id for row in who_can_see(study_id, at=at)}
    assert (person.account.pk in listed) == allowed
    try:
        exam(party, study_id, at=at)
    except NotFoundError:
        assert not allowed
    else:
        assert allowed
    return allowed


THEIRS = set(Action) - {Action.REPORT}  # who treats a patient reports, nobody else


def may(person: Person, study_id: UUID) -> set[Action]:
    party = party_of_person(person)
    return {each for each in Action if decide(party, each, study_id, at=clock.now()).allowed}


def child_of(
    story: Story, parent: Person, officers: tuple[Person, Person], **said: object
) -> Representative:
    """Let a parent be verified for the owner of the story, who is a child with an account."""
    asked = ask(parent, address=address_of(story.owner.account), **(ALL | said))
    return verify(asked, *officers)


def test_a_helper_sees_nothing_before_saying_yes_and_then_what_was_agreed(
    story: Story, stranger: Person
) -> None:
    row = invite(story.owner, stranger)
    assert not sees(stranger, story.study_id)
    assert messages_to(address_of(stranger.account))[-1][0] == "helper-invited"
    accept_help(party_of_person(stranger), row.pk, at=clock.now())
    assert sees(stranger, story.study_id)
    assert may(stranger, story.study_id) == {Action.VIEW}
    assert [each.name for each in acting_for(story.party)] == ["Stan Stranger"]
    assert [each.name for each in acts_for(party_of_person(stranger))] == ["Olga Owner"]


def test_only_the_invited_address_can_say_yes(
    story: Story, stranger: Person, mother: Person
) -> None:
    row = invite(story.owner, stranger)
    with pytest.raises(NotFoundError):
        accept_help(party_of_person(mother), row.pk, at=clock.now())


@pytest.mark.parametrize("by", ["owner", "helper"])
def test_either_can_end_it_at_once(story: Story, stranger: Person, by: str) -> None:
    row = make_helper(story.owner, stranger, **ALL)
    assert sees(stranger, story.study_id)
    party = story.party if by == "owner" else party_of_person(stranger)
    end_acting(party, row.pk, at=clock.now())
    assert not sees(stranger, story.study_id)
    answer = story.web.get("/dicomweb" + story.address + "/frames/1", headers=stranger.headers)
    assert answer.status_code == 404


def test_a_helper_until_a_day_sees_nothing_from_the_next(
    story: Story, stranger: Person, moved_clock: Callable[[timedelta], datetime]
) -> None:
    last_day = (clock.now() + timedelta(days=3)).date().isoformat()
    make_helper(story.owner, stranger, ends_on=last_day)
    assert sees(stranger, story.study_id)
    moved_clock(timedelta(days=4))
    assert not sees(stranger, story.study_id)


def test_nothing_opens_to_a_parent_before_two_have_verified(
    story: Story, mother: Person, officers: tuple[Person, Person]
) -> None:
    first, second = (party_of_person(each) for each in officers)
    row = ask(mother, address=address_of(story.owner.account))
    assert messages_to(address_of(story.owner.account))[-1][0] == "acting-asked"
    assert not sees(mother, story.study_id)
    assert [each.pk for each in to_verify(first, at=clock.now())] == [row.pk]
    assert read_evidence(first, row.pk, at=clock.now())[0].note.startswith("The birth")
    confirm_evidence(first, row.pk, at=clock.now())
    assert not sees(mother, story.study_id)
    with pytest.raises(StateConflictError):
        confirm_evidence(first, row.pk, at=clock.now())
    confirm_evidence(second, row.pk, at=clock.now())
    assert sees(mother, story.study_id)
    assert Entry.objects.filter(kind="access.evidence-read").count() == 1


def test_staff_of_another_house_and_clinicians_see_no_requests(
    story: Story, mother: Person, officers: tuple[Person, Person], clinician: Person
) -> None:
    row = ask(mother, address=address_of(story.owner.account))
    elsewhere = make_person("Ella Elsewhere", Kind.PROVIDER, "Other Hospital")
    elsewhere.account.memberships.update(role=Role.PRIVACY_OFFICER)
    for person in (clinician, elsewhere, mother, story.owner):
        assert to_verify(party_of_person(person), at=clock.now()) == []
        with pytest.raises(NotFoundError):
            confirm_evidence(party_of_person(person), row.pk, at=clock.now())
    assert Representative.objects.get().first_by is None
    del officers


def test_whether_an_address_is_known_is_not_told(
    mother: Person, officers: tuple[Person, Person]
) -> None:
    row = ask(mother, address="nobody@nowhere.example")
    (shown,) = acts_for(party_of_person(mother))
    assert (shown.state, shown.name) == ("pending", "Mia Minor")
    with pytest.raises(StateConflictError):
        verify(row, *officers)


def test_a_parent_of_somebody_of_age_is_not_verified(
    story: Story, mother: Person, officers: tuple[Person, Person]
) -> None:
    row = ask(mother, address=address_of(story.owner.account), born_on="1990-01-01")
    with pytest.raises(StateConflictError):
        verify(row, *officers)


def test_what_a_parent_looks_at_and_takes_is_in_the_accounting(
    story: Story, mother: Person, officers: tuple[Person, Person]
) -> None:
    child_of(story, mother, officers)
    assert may(mother, story.study_id) == THEIRS - {Action.PASS_ON}
    answer = story.web.get("/dicomweb" + story.address + "/frames/1", headers=mother.headers)
    assert answer.status_code == 200
    b"".join(download(party_of_person(mother), story.study_id, now=clock.now).pieces)
    rows = Disclosure.objects.filter(recipient=f"account/{mother.account.pk}")
    assert set(rows.values_list("basis", flat=True)) == {"represented"}
    assert set(rows.values_list("channel", flat=True)) == {"view", "download"}
    names = {each.who for each in activity(story.party, at=clock.now())}
    assert "Paula Parent" in names
    assert ("representative", "Paula Parent") in {
        (each.way, each.name) for each in seers(story.party, story.study_id, at=clock.now())
    }


def test_a_consent_by_a_parent_names_both_and_the_child_can_take_it_back(
    story: Story, mother: Person, officers: tuple[Person, Person]
) -> None:
    row = child_of(story, mother, officers)
    shared = sharing_as(story, mother).share()
    consent = Consent.objects.get(pk=shared.consent_id)
    said = words_of(consent)
    assert "You, Paula Parent, acting for Mia Minor as parent, are letting" in said
    assert "Mia Minor can see that you agreed to this, and can take it back too." in said
    assert terms_of(consent).authority.kind == "parent"
    assert (consent.representative_id, consent.subject_account_id) == (
        row.pk,
        story.owner.account.pk,
    )
    assert messages_to(address_of(story.owner.account))[-1][0] == "consent-for-you"
    (shown,) = shared_by(story.party, at=clock.now())
    assert (shown.by, shown.terms.recipient.name) == ("Paula Parent", "Dr Dora Doctor")
    withdraw(story.party, shared.consent_id, at=clock.now())
    (shown,) = shared_by(party_of_person(mother), at=clock.now())
    assert shown.was_taken_back


def test_another_parent_can_take_it_back_and_a_stranger_cannot(
    story: Story, mother: Person, father: Person, officers: tuple[Person, Person], stranger: Person
) -> None:
    for parent in (mother, father):
        child_of(story, parent, officers)
    shared = sharing_as(story, mother).share()
    with pytest.raises(NotFoundError):
        withdraw(party_of_person(stranger), shared.consent_id, at=clock.now())
    withdraw(party_of_person(father), shared.consent_id, at=clock.now())
    assert Consent.objects.get().revoked_at is not None


def test_a_dispute_stops_new_sharing_by_either_until_it_is_settled(
    story: Story, mother: Person, father: Person, officers: tuple[Person, Person]
) -> None:
    child_of(story, mother, officers)
    row = child_of(story, father, officers)
    raise_dispute(party_of_person(father), row.pk, "I do not agree.", at=clock.now())
    for parent in (mother, father):
        assert sees(parent, story.study_id)
        with pytest.raises(StateConflictError):
            start_draft(party_of_person(parent), story.study_id, at=clock.now())
    assert story.share()
    with pytest.raises(NotFoundError):
        settle_dispute(party_of_person(mother), row.pk, "It is over.", at=clock.now())
    settle_dispute(
        party_of_person(officers[0]), row.pk, "Order of 1 June.", paper=b"%PDF", at=clock.now()
    )
    assert start_draft(party_of_person(mother), story.study_id, at=clock.now())


def test_nobody_settles_what_another_has_raised_about_them(
    story: Story, mother: Person, officers: tuple[Person, Person]
) -> None:
    row = child_of(story, mother, officers)
    raise_dispute(story.party, row.pk, "I do not want this.", at=clock.now())
    with pytest.raises(NotFoundError):
        settle_dispute(party_of_person(mother), row.pk, "I settled it.", at=clock.now())
    settle_dispute(party_of_person(officers[1]), row.pk, "We heard both.", at=clock.now())
    raise_dispute(story.party, row.pk, "I do not want it at all.", at=clock.now())
    settle_dispute(story.party, row.pk, "Let it be.", at=clock.now())
    with pytest.raises(NotFoundError):
        settle_dispute(story.party, row.pk, "Once more.", at=clock.now())


def test_who_is_blocked_finds_nothing_and_no_reason(
    story: Story, mother: Person, officers: tuple[Person, Person]
) -> None:
    row = child_of(story, mother, officers)
    told = messages_to(address_of(mother.account))
    desk = party_of_person(officers[1])
    with pytest.raises(NotFoundError):
        block(desk, row.pk, "Reported by the ward.", at=clock.now())
    block(party_of_person(officers[0]), row.pk, "Reported by the ward.", at=clock.now())
    assert not sees(mother, story.study_id)
    assert messages_to(address_of(mother.account)) == told
    (shown,) = acts_for(party_of_person(mother))
    assert (shown.state, shown.is_live) == ("ended", False)
    assert reach(party_of_person(mother)).study_ids == ()


def test_what_a_minor_asked_for_in_confidence_is_not_there_for_a_parent(
    story: Story, mother: Person, officers: tuple[Person, Person]
) -> None:
    child_of(story, mother, officers)
    mark_sensitive(
        story.party, story.study_id, frozenset({Sensitive.MINOR_CONFIDENTIAL}), at=clock.now()
    )
    assert sees(story.owner, story.study_id)
    assert not sees(mother, story.study_id)
    assert may(mother, story.study_id) == set()
    answer = story.web.get("/dicomweb/studies", headers=mother.headers)
    assert answer.content in {b"", b"[]"}
    assert activity(party_of_person(mother), at=clock.now()) == []


def test_a_patient_without_an_account_is_found_by_the_number_of_the_house(
    web: TestClient, mother: Person, officers: tuple[Person, Person], clinician: Person
) -> None:
    story = begin_story(web, clinician)
    number = str(story.dataset.PatientID)
    wrong = ask(mother, number="no-such-number")
    assert wrong.patient_id is None
    row = verify(ask(mother, number=number, may_share=True), *officers)
    assert row.patient_id is not None
    assert sees(mother, story.study_id)
    end_acting(party_of_person(mother), row.pk, at=clock.now())
    assert not sees(mother, story.study_id)


def test_keeping_a_childs_exam_in_ones_own_vault_gives_no_more_than_the_authority(
    story: Story, officers: tuple[Person, Person], moved_clock: Callable[[timedelta], datetime]
) -> None:
    parent = story.owner
    soon = clock.now() + timedelta(days=10)
    born_on = soon.replace(year=soon.year - 18).date().isoformat()
    assert may(parent, story.study_id) == THEIRS
    row = ask(parent, study_id=story.study_id, may_share=True, born_on=born_on)
    assert may(parent, story.study_id) == THEIRS
    verify(row, *officers)
    assert Action.REMOVE not in may(parent, story.study_id)
    assert sees(parent, story.study_id)
    moved_clock(timedelta(days=10))
    assert not sees(parent, story.study_id)
    assert activity(party_of_person(parent), at=clock.now()) == []


def test_a_program_does_not_appoint_anybody(story: Story, stranger: Person) -> None:
    program = Party(
        **{
            **{name: getattr(story.party, name) for name in Party.__slots__},
            "token_scopes": frozenset({"dicomweb:read"}),
        }
    )
    row = invite(story.owner, stranger)
    with pytest.raises(NotFoundError):
        end_acting(program, row.pk, at=clock.now())
    with pytest.raises(NotFoundError):
        ask_to_act(program, Claim(kind="parent", name="M", organization_id=""), at=clock.now())


def test_a_parent_cannot_hide_an_exam_in_the_childs_name(
    story: Story, mother: Person, officers: tuple[Person, Person]
) -> None:
    child_of(story, mother, officers)
    hidden = frozenset({Sensitive.MINOR_CONFIDENTIAL})
    with pytest.raises(StateConflictError):
        mark_sensitive(party_of_person(mother), story.study_id, hidden, at=clock.now())
    assert sees(mother, story.study_id)


def test_nobody_asks_without_end(mother: Person, officers: tuple[Person, Person]) -> None:
    for number in range(5):
        ask(mother, number=f"no-{number}")
    with pytest.raises(StateConflictError):
        ask(mother, number="no-6")
    del officers
