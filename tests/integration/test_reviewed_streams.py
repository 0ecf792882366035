"""Does what is running stop, whatever it was that ended the access, and however slow the reader?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import count

import pytest

from safelight.exchange.access.facts import NOBODY, Party
from safelight.exchange.access.parties import party_of
from safelight.exchange.release.models import Disclosure, GuestEntry
from safelight.exchange.release.sharing.ceremony import Shared
from safelight.exchange.release.sharing.entries import guest
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.exchange.release.viewing import objects
from safelight.exchange.release.viewing.download import download
from safelight.exchange.release.viewing.find import Found, find_study_by_id
from safelight.exchange.release.viewing.objects import RECHECK_EVERY, Watch, watched
from safelight.kernel import clock
from safelight.records.accounts.actors import actor_of_token
from safelight.records.accounts.models import ApiToken
from story import Story, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
_BIG = 8 * RECHECK_EVERY


def _pieces() -> Iterator[bytes]:
    yield bytes(_BIG)


def _guest_stream(story: Story, shared: Shared, cookie: str) -> Iterator[bytes]:
    def who(at: datetime) -> Party:
        return guest(shared.share_id, cookie, at=at)

    found = find_study_by_id(who(clock.now()), story.study_id, at=clock.now())
    return watched(_pieces(), Watch(who, found, clock.now))


def test_one_long_piece_stops_after_a_mebibyte(story: Story) -> None:
    shared = story.share()
    running = _guest_stream(story, shared, open_share(shared))
    first = next(running)
    withdraw(story.party, shared.consent_id, at=clock.now())
    assert len(first) + sum(map(len, running)) <= 2 * RECHECK_EVERY


@pytest.fixture
def a_tenth_of_a_second_a_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the watch's time go on before each piece."""
    tenths = count(0)
    monkeypatch.setattr(objects, "monotonic", lambda: next(tenths) / 10)


@pytest.mark.usefixtures("a_tenth_of_a_second_a_piece")
def test_an_ended_visit_stops_its_stream(story: Story) -> None:
    shared = story.share()
    running = _guest_stream(story, shared, open_share(shared))
    next(running)
    GuestEntry.objects.update(ended_at=clock.now())
    assert sum(map(len, running)) <= RECHECK_EVERY


@pytest.mark.usefixtures("a_tenth_of_a_second_a_piece")
def test_a_revoked_token_stops_its_stream(story: Story) -> None:
    def who(at: datetime) -> Party:
        return party_of(actor_of_token(story.owner.token, at=at))

    found: Found = find_study_by_id(who(clock.now()), story.study_id, at=clock.now())
    running = watched(_pieces(), Watch(who, found, clock.now))
    next(running)
    ApiToken.objects.update(revoked_at=clock.now())
    assert sum(map(len, running)) <= RECHECK_EVERY


def test_a_withdrawal_is_noticed_with_the_next_mebibyte_however_fast_it_goes(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "monotonic", lambda: 0.0)
    shared = story.share()
    running = _guest_stream(story, shared, open_share(shared))
    next(running)
    next(running)
    withdraw(story.party, shared.consent_id, at=clock.now())
    assert sum(map(len, running)) <= RECHECK_EVERY


def test_a_slow_download_stops_within_a_second_of_reading_on(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two seconds of the watch's time pass before each piece.
    seconds = count(0, 2)
    monkeypatch.setattr(objects, "monotonic", lambda: float(next(seconds)))
    shared = story.share(may_download=True)
    party = guest(shared.share_id, open_share(shared), at=clock.now())
    running = download(party, story.study_id, now=clock.now).pieces
    sent = b""
    while b"DICM" not in sent:  # the file has begun
        sent += next(running)
    withdraw(story.party, shared.consent_id, at=clock.now())

    sent += b"".join(running)

    assert len(sent) < 3000
    row = Disclosure.objects.get(channel="download")
    assert (row.result, row.size) == ("partial", len(sent))


@pytest.mark.usefixtures("a_tenth_of_a_second_a_piece")
def test_signing_out_stops_a_download(story: Story) -> None:
    signed_in: list[Party] = [story.party]

    def who(_at: datetime) -> Party:
        return signed_in[0]

    running = download(story.party, story.study_id, now=clock.now, who=who).pieces
    next(running)
    signed_in[0] = NOBODY
    assert b"DICM" not in b"".join(running)
    assert Disclosure.objects.get(basis="self").result == "partial"
