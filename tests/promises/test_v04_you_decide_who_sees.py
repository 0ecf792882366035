"""V4: you see who can look, you let them and you stop them, and the next request obeys."""

from __future__ import annotations

import pytest

from safelight.exchange.release.board import lamp, seers
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.kernel import clock
from story import Story, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

OTHER = "prof.paul@clinic.example"


def test_the_board_names_everyone_and_taking_back_stops_just_one(story: Story) -> None:
    first = story.share()
    second = story.share(name="Prof Paul", address=OTHER)
    dora, paul = open_share(first), open_share(second, address=OTHER)

    def names() -> list[str]:
        return [seer.name for seer in seers(story.party, story.study_id, at=clock.now())]

    assert names() == ["Olga Owner", "Dr Dora Doctor", "Prof Paul"]
    assert [story.as_guest(first, dora), story.as_guest(second, paul)] == [200, 200]

    withdraw(story.party, first.consent_id, at=clock.now())

    assert names() == ["Olga Owner", "Prof Paul"]
    assert [story.as_guest(first, dora), story.as_guest(second, paul)] == [410, 200]
    assert lamp(story.party, at=clock.now()).people == 1
