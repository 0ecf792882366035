"""Many at once, and one who takes back: what starts after the withdrawal is never served."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Barrier, Event

import pytest
from django.db import connections

from cast import Person, party_of_person
from figures import figure
from safelight.exchange.access.facts import Party
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.errors import (
    ShareLockedError,
    ShareRevokedError,
    ShareUsedUpError,
)
from safelight.exchange.release.models import Disclosure, Share
from safelight.exchange.release.sharing.ceremony import Shared
from safelight.exchange.release.sharing.entries import Entered, show_secret
from safelight.exchange.release.sharing.proof import accept_as_account
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.exchange.release.viewing.find import find_study_by_id
from safelight.exchange.release.viewing.looks import look
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError, NotFoundError
from safelight.records.accounts.queries import address_of
from story import Story, link_secret

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

READERS = 16
AT_ONCE = 50
ALL_INTERLEAVINGS = 10_000
PIECES = 10


@pytest.fixture
def stranger_party(stranger: Person) -> Party:
    return party_of_person(stranger)


def in_threads(act: Callable[[int], object], count: int) -> list[object]:
    """Run an act in so many threads, all beginning together; return what each gave."""
    start = Barrier(count)

    def run(number: int) -> object:
        start.wait()
        try:
            return act(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def shared_with(story: Story, person: Person) -> Shared:
    """Share the story's exam with an account, as if it had proved its address."""
    shared = story.share(address=address_of(person.account))
    Consent.objects.filter(pk=shared.consent_id).update(recipient_account_id=person.account.pk)
    return shared


def test_one_use_is_used_once_by_fifty_browsers_at_once(story: Story, stranger: Person) -> None:
    address = address_of(stranger.account)
    shared = story.share(address=address, most_openings="1")
    secret, party = link_secret(address), party_of_person(stranger)
    entered = [
        show_secret(shared.share_id, link_secret=secret, at=clock.now()) for _ in range(AT_ONCE)
    ]

    def come_in(number: int) -> str:
        return attempt(party, entered[number])

    told = in_threads(come_in, AT_ONCE)
    assert told.count("in") == 1
    assert set(told) <= {"in", "used up", "too many at once"}
    share = Share.objects.get(pk=shared.share_id)
    assert (share.uses_left, share.locked_at) == (0, None)


def attempt(party: Party, entered: Entered) -> str:
    try:
        accept_as_account(party, entered.entry, passphrase="", at=clock.now())
    except ShareUsedUpError:
        return "used up"
    except ShareLockedError:
        return "too many at once"
    return "in"


def race(story: Story, stranger: Person, stranger_party: Party, seed: int) -> int:
    """Let sixteen look again and again while it is taken back; return how many looks there were.

    A look that starts after the withdrawal was acknowledged must find nothing.
    """
    shared = shared_with(story, stranger)
    taken_back, done = Event(), [0.0]

    def reader(_number: int) -> list[tuple[float, bool]]:
        seen: list[tuple[float, bool]] = []
        while not taken_back.is_set() or not seen or seen[-1][0] <= done[0]:
            began = time.perf_counter()
            served = False
            with suppress(NotFoundError):
                found = find_study_by_id(stranger_party, story.study_id, at=clock.now())
                look(stranger_party, found, at=clock.now())
                served = True
            seen.append((began, served))
        return seen

    def withdrawer() -> list[tuple[float, bool]]:
        time.sleep(random.Random(seed).random() / 20)  # noqa: S311 (no secret)
        withdraw(story.party, shared.consent_id, at=clock.now())
        done[0] = time.perf_counter()
        taken_back.set()
        return []

    looks = in_threads(lambda each: withdrawer() if each == 0 else reader(each), READERS + 1)
    seen = [each for found in looks for each in found]  # type: ignore[attr-defined]  # lists
    late = [served for began, served in seen if began > done[0]]
    assert len(late) >= READERS
    assert not any(late)
    # What the record says was disclosed began before the end.
    ended = Consent.objects.get(pk=shared.consent_id).revoked_at
    assert ended is not None
    rows = Disclosure.objects.filter(consent_id=shared.consent_id)
    assert all(row.at <= ended for row in rows)
    return READERS


def test_nothing_that_starts_after_a_withdrawal_is_served(
    story: Story, stranger: Person, stranger_party: Party
) -> None:
    done = 0
    while done < ALL_INTERLEAVINGS // 20:
        done += race(story, stranger, stranger_party, done)
    _count("withdrawal", done)


@pytest.mark.long
@pytest.mark.parametrize("piece", range(PIECES))
def test_nothing_that_starts_after_many_withdrawals_is_served(
    story: Story, stranger: Person, stranger_party: Party, piece: int
) -> None:
    done = 0
    while done < ALL_INTERLEAVINGS // PIECES:
        done += race(story, stranger, stranger_party, piece * ALL_INTERLEAVINGS + done)
    _count(f"withdrawal-{piece}", done)


def _count(name: str, done: int) -> None:
    """Keep how many there were; the first violation would have ended the test."""
    figure(f"races.run.{name}", done, "interleavings")
    figure(f"races.violations.{name}", 0, "violations")


def test_a_clock_that_is_set_back_revives_nothing(
    story: Story, stranger: Person, moved_clock: Callable[[timedelta], datetime]
) -> None:
    address = address_of(stranger.account)
    shared = story.share(address=address)
    secret = link_secret(address)
    withdraw(story.party, shared.consent_id, at=clock.now())
    moved_clock(timedelta(hours=-2))
    with pytest.raises(ShareRevokedError):
        show_secret(shared.share_id, link_secret=secret, at=clock.now())
    with pytest.raises(ExpectedError):
        find_study_by_id(party_of_person(stranger), story.study_id, at=clock.now())
