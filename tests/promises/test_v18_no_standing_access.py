"""V18: whoever runs the place opens nothing alone; two agree to a few hours, and you see it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from cast import messages_to
from powers import admin, approved, make_runner, request, security_officer
from safelight.exchange.access.decide import decide_all
from safelight.exchange.access.decision import Action
from safelight.exchange.access.powers.approvals import approve
from safelight.exchange.access.powers.elevation import begin_elevation, elevation_wish
from safelight.exchange.access.powers.errors import ApprovalMissingError, SelfApprovalError
from safelight.exchange.access.powers.reviewing import accesses_to_review
from safelight.exchange.release.activity import activity
from safelight.exchange.release.viewing.overview import exam
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.records.accounts.models import StaffRole
from safelight.records.accounts.queries import address_of
from story import Story

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_somebody_with_every_role_of_the_instance_opens_nothing(story: Story) -> None:
    everything = make_runner("Eva Everything", *StaffRole)
    for action in Action:
        answers = decide_all(everything.party, action, [story.study_id], at=clock.now())
        assert not answers[story.study_id].allowed, action


def test_from_the_ticket_to_the_review(
    story: Story, moved_clock: Callable[[timedelta], datetime]
) -> None:
    one, two = admin(), security_officer()
    wish = elevation_wish(
        f"study/{story.study_id}",
        "1",
        cause="incident",
        reason="Its owner says that it does not open",
        ticket="INC-4",
    )
    waiting = request(one, wish)
    with pytest.raises(SelfApprovalError):
        approve(one.party, waiting.pk, waiting.pk, at=clock.now())
    with pytest.raises(ApprovalMissingError):
        begin_elevation(one.party, waiting.pk, at=clock.now())

    begin_elevation(one.party, approved(one, two, wish).pk, at=clock.now())
    exam(one.party, story.study_id, at=clock.now())
    told = [template for template, _ in messages_to(address_of(story.owner.account))]
    assert "opened-by-staff" in told
    seen = activity(story.party, story.study_id, at=clock.now())
    assert {(each.who, each.did) for each in seen} >= {
        ("Ada Admin", "elevated"),
        ("Ada Admin", "looked"),
    }
    assert "Its owner says that it does not open" in {each.cause_words for each in seen}

    moved_clock(timedelta(hours=1))
    with pytest.raises(NotFoundError):
        exam(one.party, story.study_id, at=clock.now())
    assert len(accesses_to_review(two.party, at=clock.now())) == 1
