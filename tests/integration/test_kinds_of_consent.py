"""Desks, groups, single objects, sensitive exams, results to come, one use: who sees it?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction

from cast import Person, make_person, party_of_person
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action
from safelight.exchange.access.groups import admit_member, dismiss_member, make_group
from safelight.exchange.access.parties import party_of
from safelight.exchange.access.sensitive import classes_of, mark_sensitive
from safelight.exchange.consent.models import Consent, ConsentItem, ConsentMember
from safelight.exchange.consent.terms import Sensitive
from safelight.exchange.release.errors import (
    ManifestChangedError,
    ShareUsedUpError,
    TermsNotFitError,
    UnboundedAudienceError,
)
from safelight.exchange.release.sharing.ceremony import Shared, confirm, present
from safelight.exchange.release.sharing.entries import send_another_code, show_secret
from safelight.exchange.release.sharing.proof import prove
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.exchange.release.signed import words_of
from safelight.exchange.release.viewing.overview import exams
from safelight.kernel import clock
from safelight.records.accounts.actors import Actor, Belonging
from safelight.records.accounts.models import Kind, Organization, Role
from safelight.records.accounts.queries import address_of
from safelight.records.imaging.models import Instance
from story import Story, another_ct, link_secret, one_time_code, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

HOSPITAL = "Example Hospital"


def sees(person: Person, study_id: UUID) -> bool:
    """Say whether the rules and the list both show an exam to somebody; they never differ."""
    party, at = party_of_person(person), clock.now()
    allowed = decide(party, Action.VIEW, study_id, at=at).allowed
    assert (study_id in {each.study_id for each in exams(party, at=at)}) == allowed
    return allowed


def words(shared: Shared) -> str:
    return words_of(Consent.objects.get(pk=shared.consent_id))


@pytest.fixture
def nurse() -> Person:
    return make_person("Nora Nurse", Kind.PROVIDER, HOSPITAL)


def with_desk(person: Person) -> Person:
    """Make somebody of the hospital a member of its imaging desk."""
    person.account.memberships.update(role=Role.IMAGING_DESK)
    return person


def test_a_desk_sees_what_it_was_given_and_the_rest_of_the_house_does_not(
    story: Story, clinician: Person, nurse: Person
) -> None:
    hospital = Organization.objects.get()
    with_desk(nurse)
    shared = story.share(audience="desk", organization_id=str(hospital.pk), address="", name="")
    assert "the imaging desk of Example Hospital" in words(shared)
    assert "Nora Nurse" in words(shared)

    at_the_desk = party_of(
        Actor(
            account_id=nurse.account.pk,
            kind=Kind.PROVIDER,
            aal=2,
            memberships=(Belonging(hospital.pk, Role.IMAGING_DESK),),
        )
    )
    assert decide(at_the_desk, Action.VIEW, story.study_id, at=clock.now()).allowed
    assert not sees(clinician, story.study_id)

    withdraw(story.party, shared.consent_id, at=clock.now())
    assert not decide(at_the_desk, Action.VIEW, story.study_id, at=clock.now()).allowed


def test_everybody_of_an_institution_sees_what_was_published_to_it(
    story: Story, clinician: Person, stranger: Person
) -> None:
    hospital = str(Organization.objects.get().pk)
    shared = story.share(act="publish", audience="organization", organization_id=hospital)
    assert "You, Olga Owner, are publishing" in words(shared)
    assert sees(clinician, story.study_id)
    assert not sees(stranger, story.study_id)


def test_nothing_that_shows_who_you_are_can_be_published_to_the_public(story: Story) -> None:
    draft_id = story.draft(act="publish", audience="public")
    with pytest.raises(UnboundedAudienceError):
        present(story.party, draft_id, statement_version="1", at=clock.now())


def test_a_group_is_those_who_were_on_it_when_it_was_agreed(
    story: Story, stranger: Person, clinician: Person
) -> None:
    group = make_group(story.party, "My family", at=clock.now())
    admit_member(story.party, group.pk, address_of(stranger.account), at=clock.now())
    shared = story.share(audience="group", group_id=str(group.pk))
    assert "The members are: Stan Stranger." in words(shared)
    assert sees(stranger, story.study_id)

    admit_member(story.party, group.pk, address_of(clinician.account), at=clock.now())
    assert not sees(clinician, story.study_id)
    with pytest.raises(DatabaseError, match="a consent is not changed"), transaction.atomic():
        ConsentMember.objects.create(
            consent_id=shared.consent_id, account_id=clinician.account.pk, since=clock.now()
        )

    dismiss_member(story.party, group.pk, stranger.account.pk, at=clock.now())
    assert not sees(stranger, story.study_id)


def test_members_to_come_are_meant_only_where_the_consent_says_so(
    story: Story, stranger: Person, clinician: Person
) -> None:
    group = make_group(story.party, "Tumour board", at=clock.now())
    admit_member(story.party, group.pk, address_of(stranger.account), at=clock.now())
    shared = story.share(audience="group", group_id=str(group.pk), future_members=True)
    assert "members who join later" in words(shared)

    admit_member(story.party, group.pk, address_of(clinician.account), at=clock.now())
    assert sees(clinician, story.study_id)


def test_a_group_that_changed_since_it_was_shown_must_be_shown_again(
    story: Story, stranger: Person, clinician: Person
) -> None:
    group = make_group(story.party, "My family", at=clock.now())
    admit_member(story.party, group.pk, address_of(stranger.account), at=clock.now())
    draft_id = story.draft(audience="group", group_id=str(group.pk))
    presented = present(story.party, draft_id, statement_version="1", at=clock.now())
    admit_member(story.party, group.pk, address_of(clinician.account), at=clock.now())

    approved = story.approve(presented.challenge_id)
    with pytest.raises(ManifestChangedError):
        confirm(story.party, draft_id, approved, at=clock.now())
    assert not Consent.objects.exists()


def test_one_object_of_a_series_is_all_that_exists_for_its_recipient(story: Story) -> None:
    story.add(another_ct(SOPInstanceUID="1.2.3.4", InstanceNumber=2))
    second = Instance.objects.order_by("arrival").last()
    assert second is not None
    shared = story.share(series_ids=(), instance_ids=(str(second.id),))
    cookie = open_share(shared)

    ct = story.dataset
    series = f"/studies/{ct.StudyInstanceUID}/series/{ct.SeriesInstanceUID}"
    assert story.under(shared, f"{series}/instances/1.2.3.4/frames/1", cookie).status_code == 200
    assert story.as_guest(shared, cookie) == 404
    found = story.under(shared, "/studies?includefield=00201208", cookie).json()
    assert found[0]["00201208"]["Value"] == [1]
    metadata = story.under(shared, f"{series}/metadata", cookie).json()
    assert [each["00080018"]["Value"] for each in metadata] == [["1.2.3.4"]]
    assert len(story.under(shared, f"{series}/instances", cookie).json()) == 1


def test_an_exam_with_a_sensitive_mark_is_shared_only_where_it_is_ticked(story: Story) -> None:
    mark_sensitive(story.party, story.study_id, frozenset({Sensitive.HIV}), at=clock.now())
    with pytest.raises(TermsNotFitError) as unfit:
        story.share()
    assert "sensitive" in unfit.value.faults

    shared = story.share(sensitive=("hiv",))
    assert "You have chosen to include information about: HIV." in words(shared)
    assert story.as_guest(shared, open_share(shared)) == 200


def test_a_mark_that_is_set_later_closes_what_was_agreed_without_it(story: Story) -> None:
    shared = story.share()
    cookie = open_share(shared)
    kinds = frozenset({Sensitive.MENTAL_HEALTH, Sensitive.GENETIC})
    mark_sensitive(story.party, story.study_id, kinds, at=clock.now())
    assert story.as_guest(shared, cookie) in {404, 410}
    assert classes_of([story.study_id])[story.study_id] == kinds

    mark_sensitive(story.party, story.study_id, frozenset(), at=clock.now())
    assert story.as_guest(shared, cookie) == 200


def test_results_to_come_are_shown_only_under_a_standing_choice(
    story: Story, stranger: Person, moved_clock: Callable[[timedelta], datetime]
) -> None:
    address = address_of(stranger.account)
    until = (clock.now() + timedelta(days=20)).date().isoformat()
    story.share(address=address, standing_until=until)
    Consent.objects.update(recipient_account_id=stranger.account.pk)
    moved_clock(timedelta(days=1))
    story.add(another_ct(StudyInstanceUID="1.2.9", SeriesInstanceUID="1.2.8", SOPInstanceUID="1.2"))
    known = {story.study_id}
    (new,) = {each.study_id for each in exams(story.party, at=clock.now())} - known
    assert sees(stranger, new)

    moved_clock(timedelta(days=21))
    story.add(another_ct(StudyInstanceUID="1.3.9", SeriesInstanceUID="1.3.8", SOPInstanceUID="1.3"))
    (last,) = {each.study_id for each in exams(story.party, at=clock.now())} - known - {new}
    assert not sees(stranger, last)


def test_a_link_of_one_use_lets_one_browser_in(story: Story) -> None:
    shared = story.share(most_openings="1")
    late = show_secret(shared.share_id, link_secret=link_secret(), at=clock.now())
    cookie = open_share(shared)
    with pytest.raises(ShareUsedUpError):
        show_secret(shared.share_id, link_secret=link_secret(), at=clock.now())
    send_another_code(late.entry, at=clock.now())
    with pytest.raises(ShareUsedUpError):
        prove(late.entry, code=one_time_code(), passphrase="", at=clock.now())
    assert story.as_guest(shared, cookie) == 200


def test_a_longer_share_takes_the_place_of_the_shorter_one(story: Story) -> None:
    first = story.share()
    old_cookie = open_share(first)
    later = (clock.now() + timedelta(days=90)).date().isoformat()
    second = story.share(ends_on=later, replaces_id=str(first.consent_id))

    old = Consent.objects.get(pk=first.consent_id)
    assert (old.ended_by, old.revoked_at is not None) == ("replaced", True)
    assert Consent.objects.get(pk=second.consent_id).replaces_id == first.consent_id
    assert story.as_guest(first, old_cookie) == 410
    assert story.as_guest(second, open_share(second)) == 200


def test_nothing_is_put_into_a_consent_once_it_is_signed(story: Story) -> None:
    shared = story.share()
    item = ConsentItem.objects.get()
    with pytest.raises(DatabaseError, match="a consent is not changed"), transaction.atomic():
        ConsentItem.objects.filter(pk=item.pk).update(only=[1, 2, 3])
    with pytest.raises(DatabaseError, match="a consent is not changed"), transaction.atomic():
        Consent.objects.filter(pk=shared.consent_id).update(may_pass_on=True)


def test_a_consent_that_is_paused_opens_nothing(story: Story) -> None:
    shared = story.share()
    cookie = open_share(shared)
    Consent.objects.filter(pk=shared.consent_id).update(suspended_at=clock.now())
    assert story.as_guest(shared, cookie) == 423
