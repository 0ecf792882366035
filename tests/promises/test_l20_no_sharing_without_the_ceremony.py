"""L20: whichever way you share, you pass the one ceremony; there is no shorter way."""

from __future__ import annotations

import pytest

from cast import messages_to
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.models import Share
from safelight.exchange.release.sharing.ceremony import present
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from story import DOCTOR, Story, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_no_post_but_a_confirmed_one_makes_a_share(story: Story) -> None:
    browser = browser_of(story.owner, story.code())
    draft = story.draft()
    page = f"/share/{to_text(draft)}/check/"
    shown = present(story.party, draft, statement_version="1", at=clock.now())
    for said in (
        {},
        {"confirm-challenge": to_text(shown.challenge_id)},
        {"confirm-challenge": to_text(shown.challenge_id), "confirm-credential": "{}"},
        {"confirm-challenge": to_text(shown.challenge_id), "confirm-password": "guess it now"},
    ):
        assert browser.post(page, said).status_code >= 400
    browser.post(f"/exams/{to_text(story.study_id)}/share/")
    assert not Consent.objects.exists()
    assert not Share.objects.exists()
    assert messages_to(DOCTOR) == []


def test_a_draft_that_is_not_finished_cannot_be_confirmed(story: Story) -> None:
    browser = browser_of(story.owner, story.code())
    page = f"/share/{to_text(story.draft(purpose=''))}/check/"
    assert browser.get(page).status_code in {302, 422}
    assert browser.post(page, {"confirm-code": "123456"}).status_code != 200
    assert not Share.objects.exists()


def test_a_token_cannot_share(story: Story) -> None:
    answer = story.web.post(f"/exams/{to_text(story.study_id)}/share/", headers=story.owner.headers)
    assert answer.status_code == 404
    assert not Share.objects.exists()
