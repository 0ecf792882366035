"""What becomes of what somebody agreed to for another, when they no longer act for them?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from acting import approve, ask, make_helper, make_staff, verify
from cast import Person, make_person, party_of_person
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action, Reason
from safelight.exchange.access.representing import coming_of_age
from safelight.exchange.access.representing.ending import (
    block,
    end_acting,
    raise_dispute,
    settle_dispute,
)
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.board import shared_by
from safelight.exchange.release.errors import ManifestChangedError, SharePausedError
from safelight.exchange.release.sharing.authority import hold_authority
from safelight.exchange.release.sharing.keeping import keep_share, paused_for, present_keeping
from safelight.exchange.release.sharing.onward import parents_of, start_onward
from safelight.exchange.release.sharing.proof import let_in
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.exchange.release.signed import terms_of
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.records.accounts.models import Kind, Representative, Role
from safelight.records.accounts.queries import address_of
from story import Story, accept_share, open_share, sharing_as

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def proxy_of(story: Story, name: str = "Pia Proxy") -> tuple[Person, Representative, Person]:
    """Let somebody act for the owner by a paper that two of the hospital verified."""
    proxy = make_person(name, Kind.INDIVIDUAL)
    officer = make_staff("Otis Officer")
    staff = officer, make_staff("Dana Desk", Role.IMAGING_DESK)
    asked = ask(
        proxy, kind="proxy", address=address_of(story.owner.account), may_share=True, born_on=""
    )
    return proxy, verify(asked, *staff), officer


@pytest.mark.parametrize("by", ["owner", "helper", "its last day"])
def test_what_a_helper_shared_is_paused_when_they_no_longer_help(
    story: Story, stranger: Person, moved_clock: Callable[[timedelta], datetime], by: str
) -> None:
    last_day = (clock.now() + timedelta(days=3)).date().isoformat()
    row = make_helper(story.owner, stranger, may_share=True, ends_on=last_day)
    shared = sharing_as(story, stranger).share()
    cookie = open_share(shared)
    assert story.as_guest(shared, cookie) == 200
    if by == "its last day":
        moved_clock(timedelta(days=4))
        assert story.as_guest(shared, cookie) != 200  # the job has not run yet
        assert coming_of_age.end_what_is_over(at=clock.now()) == 1
    else:
        party = story.party if by == "owner" else party_of_person(stranger)
        end_acting(party, row.pk, at=clock.now())
    assert story.as_guest(shared, cookie) != 200
    (seen,) = shared_by(story.party, at=clock.now())
    assert (seen.by, seen.is_paused) == ("Stan Stranger", True)
    assert [each.pk for each in paused_for(story.party, at=clock.now())] == [shared.consent_id]
    withdraw(story.party, shared.consent_id, at=clock.now())
    assert paused_for(story.party, at=clock.now()) == []


def test_only_the_person_takes_it_up_again_with_their_own_signature(
    story: Story, stranger: Person
) -> None:
    row = make_helper(story.owner, stranger, may_share=True)
    shared = sharing_as(story, stranger).share()
    cookie = open_share(shared)
    end_acting(story.party, row.pk, at=clock.now())
    another = make_person("Hugo Helper", Kind.INDIVIDUAL)
    make_helper(story.owner, another, may_share=True)
    for nobody in (stranger, another):
        with pytest.raises(NotFoundError):
            present_keeping(party_of_person(nobody), shared.consent_id, at=clock.now())
    asked = present_keeping(story.party, shared.consent_id, at=clock.now())
    given = approve(story.owner, story.party, asked.challenge_id)
    keep_share(story.party, shared.consent_id, given, at=clock.now())
    assert story.as_guest(shared, cookie) == 200


def test_a_block_pauses_it_and_shows_the_blocked_nothing(story: Story) -> None:
    proxy, row, officer = proxy_of(story)
    shared = sharing_as(story, proxy).share()
    cookie = open_share(shared)
    block(party_of_person(officer), row.pk, "The ward is worried.", at=clock.now())
    assert story.as_guest(shared, cookie) != 200
    assert shared_by(party_of_person(proxy), at=clock.now()) == []
    (seen,) = shared_by(story.party, at=clock.now())
    assert seen.is_paused
    withdraw(story.party, shared.consent_id, at=clock.now())


def test_who_no_longer_acts_lets_nobody_in(story: Story, stranger: Person) -> None:
    row = make_helper(story.owner, stranger, may_share=True)
    shared = sharing_as(story, stranger).share(second_check="owner-release")
    open_share(shared)
    end_acting(party_of_person(stranger), row.pk, at=clock.now())
    with pytest.raises(NotFoundError):
        let_in(party_of_person(stranger), shared.share_id, at=clock.now())
    with pytest.raises(SharePausedError):
        let_in(story.party, shared.share_id, at=clock.now())
    asked = present_keeping(story.party, shared.consent_id, at=clock.now())
    given = approve(story.owner, story.party, asked.challenge_id)
    keep_share(story.party, shared.consent_id, given, at=clock.now())
    let_in(story.party, shared.share_id, at=clock.now())


def test_a_dispute_stops_what_was_shared_for_somebody_from_being_passed_on(story: Story) -> None:
    proxy, row, officer = proxy_of(story)
    doctor = make_person("Dora Doctor", Kind.INDIVIDUAL)
    shared = sharing_as(story, proxy).share(
        name="Dora Doctor",
        address=address_of(doctor.account),
        further="class",
        further_classes=("clinician",),
        further_purposes=("second-opinion",),
    )
    accept_share(shared, doctor)
    party = party_of_person(doctor)
    assert len(parents_of(party, story.study_id, at=clock.now())) == 1
    raise_dispute(story.party, row.pk, "I did not want this.", at=clock.now())

    decision = decide(party, Action.PASS_ON, story.study_id, at=clock.now())
    assert (decision.allowed, decision.reason) == (False, Reason.IN_DISPUTE)
    assert parents_of(party, story.study_id, at=clock.now()) == []
    with pytest.raises(StateConflictError, match="just now"):
        start_onward(party, story.study_id, at=clock.now())
    # What was shared before stays visible; nothing new is shared by who acts.
    assert decide(party, Action.VIEW, story.study_id, at=clock.now()).allowed
    acting = decide(party_of_person(proxy), Action.SHARE, story.study_id, at=clock.now())
    assert acting.reason == Reason.IN_DISPUTE

    settle_dispute(party_of_person(officer), row.pk, "They agreed.", at=clock.now())
    start_onward(party, story.study_id, at=clock.now())


def test_the_signing_itself_and_the_database_refuse_an_authority_that_just_ended(
    story: Story, stranger: Person
) -> None:
    row = make_helper(story.owner, stranger, may_share=True)
    shared = sharing_as(story, stranger).share()
    consent = Consent.objects.get(pk=shared.consent_id)
    end_acting(story.party, row.pk, at=clock.now())
    with transaction.atomic(), pytest.raises(ManifestChangedError):
        hold_authority(terms_of(consent).authority)
    consent.pk, consent.authorization_id = shared.share_id, shared.share_id
    with pytest.raises(IntegrityError, match="without the authority"):
        consent.save(force_insert=True)
