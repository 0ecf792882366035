"""Is the owner told of openings as they wish, and never of nothing?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from cast import messages_to
from safelight.exchange.release.openings import tell_of_the_day
from safelight.kernel import clock
from safelight.records.accounts.queries import address_of
from story import Story, browser_of, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
EACH, DAY = "share-opened", "shares-opened-today"


def told(story: Story) -> list[str]:
    sent = [template for template, _ in messages_to(address_of(story.owner.account))]
    return [template for template in sent if template in {EACH, DAY}]


def test_the_owner_is_told_each_time_unless_they_choose_otherwise(story: Story) -> None:
    shared = story.share()
    assert story.as_guest(shared, open_share(shared)) == 200
    tell_of_the_day(at=clock.now())
    assert told(story) == [EACH]


def test_once_a_day_is_one_message_and_none_about_a_quiet_day(
    story: Story, moved_clock: Callable[[timedelta], datetime]
) -> None:
    browser = browser_of(story.owner, story.code())
    assert browser.post("/access/notices/", {"how": "hourly"}).status_code == 422
    assert browser.post("/access/notices/", {"how": "once-a-day"}).status_code == 302
    shared = story.share()
    cookie = open_share(shared)
    for _ in range(2):
        assert story.as_guest(shared, cookie) == 200
        moved_clock(timedelta(minutes=16))
    assert told(story) == []
    for _ in range(2):
        tell_of_the_day(at=clock.now())
    assert told(story) == [DAY]


def test_never_is_never_and_the_access_page_still_says_it(story: Story) -> None:
    browser = browser_of(story.owner, story.code())
    browser.post("/access/notices/", {"how": "never"})
    shared = story.share()
    assert story.as_guest(shared, open_share(shared)) == 200
    tell_of_the_day(at=clock.now())
    assert told(story) == []
    page = browser.get("/access/").content.decode()
    assert "Last opened" in page
    assert "not yet" not in page
