"""L13: you agree to one thing, having just proved that it is you, and it counts once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from safelight.exchange.consent.models import Consent
from safelight.exchange.release.sharing.ceremony import confirm, present
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError
from safelight.kernel.ids import new_id
from safelight.records.accounts.errors import AuthorizationOtherContentError, StepUpRequiredError
from story import Story

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_it_is_bound_to_exactly_what_was_shown(story: Story) -> None:
    first, second = story.draft(), story.draft(name="Dr Someone Else")
    shown = present(story.party, first, statement_version="1", at=clock.now())
    present(story.party, second, statement_version="1", at=clock.now())
    approved = story.approve(shown.challenge_id)
    with pytest.raises(AuthorizationOtherContentError):
        confirm(story.party, second, approved, at=clock.now())
    assert not Consent.objects.exists()


def test_it_is_over_after_five_minutes(
    story: Story, moved_clock: Callable[[timedelta], datetime]
) -> None:
    draft = story.draft()
    shown = present(story.party, draft, statement_version="1", at=clock.now())
    approved = story.approve(shown.challenge_id)
    moved_clock(timedelta(minutes=5, seconds=1))
    with pytest.raises(StepUpRequiredError):
        confirm(story.party, draft, approved, at=clock.now())
    assert not Consent.objects.exists()


def test_it_counts_once(story: Story) -> None:
    draft = story.draft()
    shown = present(story.party, draft, statement_version="1", at=clock.now())
    approved = story.approve(shown.challenge_id)
    confirm(story.party, draft, approved, at=clock.now())
    with pytest.raises(ExpectedError):
        confirm(story.party, draft, approved, at=clock.now())
    assert Consent.objects.count() == 1


def test_being_signed_in_is_not_enough(story: Story) -> None:
    draft = story.draft()
    present(story.party, draft, statement_version="1", at=clock.now())
    with pytest.raises(StepUpRequiredError):
        confirm(story.party, draft, new_id(), at=clock.now())
