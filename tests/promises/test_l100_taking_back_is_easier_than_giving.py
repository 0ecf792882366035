"""L100: you take back what you gave at any moment, with fewer steps than it took to give."""

from __future__ import annotations

import pytest

from safelight.exchange.consent.models import Consent
from safelight.kernel.ids import to_text
from story import Story, browser_of, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_one_press_of_a_button_and_the_next_request_is_refused(story: Story) -> None:
    shared = story.share()
    cookie = open_share(shared)
    assert story.as_guest(shared, cookie) == 200
    browser = browser_of(story.owner, story.code())
    page = browser.get("/access/").content.decode()
    action = f"/consents/{to_text(shared.consent_id)}/take-back/"
    assert f'action="{action}"' in page

    answer = browser.post(action)  # no password, no code, no reason

    assert answer.status_code == 302
    assert Consent.objects.get(pk=shared.consent_id).revoked_at is not None
    assert story.as_guest(shared, cookie) == 410
    assert browser.post(action).status_code == 302
