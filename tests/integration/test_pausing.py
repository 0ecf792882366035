"""Pausing a share by hand: prompt like taking back, and what goes on is what was signed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier, Event
from uuid import UUID

import pytest
from django.db import connections
from django.test import Client

from cast import Person, make_person, party_of_person
from passing import NAMED, shown_to
from safelight.exchange.access.facts import Party
from safelight.exchange.consent.models import Consent, ConsentPause
from safelight.exchange.release.board import shared_by
from safelight.exchange.release.errors import SharePausedError
from safelight.exchange.release.history import Step, history_of
from safelight.exchange.release.models import Disclosure
from safelight.exchange.release.received import received_by
from safelight.exchange.release.sharing.entries import show_secret
from safelight.exchange.release.sharing.pausing import PausedBy, pause_share, resume_share
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.exchange.release.viewing.find import find_study_by_id
from safelight.exchange.release.viewing.looks import look
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError, StateConflictError
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from safelight.records.accounts.models import Kind
from safelight.records.accounts.queries import address_of
from story import Story, accept_share, browser_of, link_secret, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

READERS = 8
ROUNDS = 2


def reasons_of(kind: str) -> list[str]:
    texts = Entry.objects.filter(kind=kind).values_list("text", flat=True)
    return [json.loads(text)["reason"] for text in texts]


def test_a_pause_closes_and_going_on_opens_the_same_until_the_same_end(story: Story) -> None:
    shared = story.share()
    cookie = open_share(shared)
    before = Consent.objects.get(pk=shared.consent_id)
    assert story.as_guest(shared, cookie) == 200

    pause_share(story.party, shared.consent_id, at=clock.now())
    pause_share(story.party, shared.consent_id, at=clock.now())
    assert story.as_guest(shared, cookie) == 423
    with pytest.raises(SharePausedError):
        show_secret(shared.share_id, link_secret=link_secret(), at=clock.now())
    (seen,) = shared_by(story.party, at=clock.now())
    assert (seen.is_live, seen.is_paused, seen.may_go_on) == (True, True, True)

    resume_share(story.party, shared.consent_id, at=clock.now())
    assert story.as_guest(shared, cookie) == 200
    after = Consent.objects.get(pk=shared.consent_id)
    assert (after.ends_at, after.signed_digest) == (before.ends_at, before.signed_digest)
    steps = [stage.step for stage in history_of(after, at=clock.now())]
    assert steps.index(Step.SUSPENDED) < steps.index(Step.RESUMED)
    assert reasons_of("consent.suspended") == ["hand"]
    assert reasons_of("consent.resumed") == ["hand"]


def test_nobody_else_pauses_it_or_lets_it_go_on(story: Story, stranger: Person) -> None:
    shared = story.share(address=address_of(stranger.account))
    accept_share(shared, stranger)
    program = replace(story.party, token_scopes=frozenset({"exchange:write"}))
    for nobody in (party_of_person(stranger), program):
        with pytest.raises(NotFoundError):
            pause_share(nobody, shared.consent_id, at=clock.now())
    with pytest.raises(StateConflictError):
        resume_share(story.party, shared.consent_id, at=clock.now())
    pause_share(story.party, shared.consent_id, at=clock.now())
    for nobody in (party_of_person(stranger), program):
        with pytest.raises(NotFoundError):
            resume_share(nobody, shared.consent_id, at=clock.now())
    (told,) = received_by(party_of_person(stranger), at=clock.now())
    assert (told.ended, told.terms) == ("share_paused", None)


def test_what_reached_its_end_while_it_was_paused_does_not_go_on(
    story: Story, moved_clock: Callable[[timedelta], datetime]
) -> None:
    shared = story.share()
    pause_share(story.party, shared.consent_id, at=clock.now())
    moved_clock(timedelta(days=31))
    (seen,) = shared_by(story.party, at=clock.now())
    assert (seen.is_live, seen.is_paused, seen.may_go_on) == (False, False, False)
    for act in (pause_share, resume_share):
        with pytest.raises(StateConflictError):
            act(story.party, shared.consent_id, at=clock.now())


def test_what_was_taken_back_while_it_was_paused_does_not_go_on(story: Story) -> None:
    shared = story.share()
    pause_share(story.party, shared.consent_id, at=clock.now())
    withdraw(story.party, shared.consent_id, at=clock.now())
    with pytest.raises(StateConflictError):
        resume_share(story.party, shared.consent_id, at=clock.now())


def test_a_second_reason_to_pause_outlasts_the_hand(story: Story) -> None:
    shared = story.share()
    cookie = open_share(shared)
    pause_share(story.party, shared.consent_id, at=clock.now())
    ConsentPause.objects.create(consent_id=shared.consent_id, by="another", since=clock.now())
    resume_share(story.party, shared.consent_id, at=clock.now())
    assert story.as_guest(shared, cookie) == 423


def test_what_was_passed_on_pauses_too_and_the_patient_stops_one_hop(story: Story) -> None:
    anna = shown_to(story, make_person("Anna Attending", Kind.INDIVIDUAL), **NAMED)
    passed = anna.pass_on()
    cookie = open_share(passed, address="carl.consultant@people.example")
    assert story.as_guest(passed, cookie) == 200
    pause_share(story.party, anna.received.consent_id, at=clock.now())
    assert story.as_guest(passed, cookie) == 423
    resume_share(story.party, anna.received.consent_id, at=clock.now())
    assert story.as_guest(passed, cookie) == 200

    pause_share(story.party, passed.consent_id, at=clock.now())
    with pytest.raises(NotFoundError):
        resume_share(anna.party, passed.consent_id, at=clock.now())
    assert story.as_guest(passed, cookie) == 423
    resume_share(story.party, passed.consent_id, at=clock.now())
    pause_share(anna.party, passed.consent_id, at=clock.now())
    resume_share(anna.party, passed.consent_id, at=clock.now())
    assert story.as_guest(passed, cookie) == 200


def test_the_list_pauses_and_lets_go_on(story: Story) -> None:
    shared = story.share()
    browser: Client = browser_of(story.owner, story.code())
    where = f"/consents/{to_text(shared.consent_id)}"
    assert "Yes, pause it" in browser.get("/access/").content.decode()
    assert browser.get(f"{where}/pause/").status_code == 405
    paused = browser.post(f"{where}/pause/", follow=True).content.decode()
    assert "Paused: nothing opens" in paused
    assert "Let it go on" in paused
    gone_on = browser.post(f"{where}/go-on/", follow=True).content.decode()
    assert "Paused: nothing opens" not in gone_on
    assert "Look at the list again" in browser.post(f"{where}/go-on/", follow=True).content.decode()


def test_nothing_that_starts_after_a_pause_is_served(story: Story, stranger: Person) -> None:
    shared = story.share(address=address_of(stranger.account))
    accept_share(shared, stranger)
    party = party_of_person(stranger)
    for _ in range(ROUNDS):
        late = _race(story, shared.consent_id, party)
        assert len(late) >= READERS
        assert not any(late)
        paused = ConsentPause.objects.get(by=PausedBy.HAND, ended_at__isnull=True)
        since = Consent.objects.get(pk=shared.consent_id).suspended_at
        assert since is not None
        assert since >= paused.since
        rows = Disclosure.objects.filter(consent_id=shared.consent_id)
        assert all(row.at <= since for row in rows)
        resume_share(story.party, shared.consent_id, at=clock.now())


def _race(story: Story, consent_id: UUID, party: Party) -> list[bool]:
    """Look from many threads while it is paused; say which that began after it were served."""
    start, paused, done = Barrier(READERS + 1), Event(), [0.0]

    def read() -> list[tuple[float, bool]]:
        seen: list[tuple[float, bool]] = []
        start.wait()
        while not paused.is_set() or not seen or seen[-1][0] <= done[0]:
            began = time.perf_counter()
            try:
                found = find_study_by_id(party, story.study_id, at=clock.now())
                look(party, found, at=clock.now())
            except (NotFoundError, SharePausedError):
                seen.append((began, False))
            else:
                seen.append((began, True))
        connections.close_all()
        return seen

    with ThreadPoolExecutor(READERS) as pool:
        readers = [pool.submit(read) for _ in range(READERS)]
        start.wait()
        pause_share(story.party, consent_id, at=clock.now())
        done[0] = time.perf_counter()
        paused.set()
        looks = [each for reader in readers for each in reader.result()]
    return [served for began, served in looks if began > done[0]]
