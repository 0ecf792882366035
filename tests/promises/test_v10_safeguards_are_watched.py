"""V10: the safeguards are kept up: where one is no longer in force, it is said to the right people.

Whoever runs the instance reads it on one page, with what to do. Nobody else reads it, and the
page says nothing of a person.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from cast import app_code, give_second_factor, make_person
from safelight.exchange.receive.upkeep import scrub
from safelight.kernel import clock
from safelight.records.accounts.models import Kind, StaffRole
from safelight.records.accounts.staff import appoint
from story import Story, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.fixture
def officer() -> Callable[[], Client]:
    person = make_person("Sam Staff", Kind.INDIVIDUAL)
    appoint(person.account.pk, StaffRole.SECURITY_OFFICER, by="operator", at=clock.now())
    secret = give_second_factor(person)
    later = iter(range(2))
    return lambda: browser_of(person, app_code(secret, later=next(later)))


def test_a_safeguard_that_lapses_is_said_to_whoever_runs_the_place(
    story: Story, officer: Callable[[], Client], moved_clock: Callable[[timedelta], object]
) -> None:
    list(scrub())
    said = officer().get("/operate/").text
    assert "Last full reading" not in said  # in force, so nobody is bothered with it

    moved_clock(timedelta(days=63))

    said = officer().get("/operate/").text
    assert "Last full reading" in said
    assert "Run safelight scrub" in said
    assert "Olga" not in said
    owner = browser_of(story.owner, story.code())
    assert owner.get("/operate/").status_code == 404


def test_what_was_never_set_up_is_not_passed_over(officer: Callable[[], Client]) -> None:
    said = officer().get("/operate/").text
    for missing in ("Last backup", "Last restore drill", "Witness"):
        assert missing in said
