"""Can a page of somebody else's make a browser that is signed in do something?"""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from safelight.kernel.ids import to_text
from safelight.records.accounts.models import Session
from story import Story, browser_of
from walk import changed, pages, state

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_a_foreign_page_cannot_make_a_member_act(story: Story) -> None:
    signed_in = browser_of(story.owner, story.code())
    shared = story.share()
    ids: dict[str, object] = {
        "exam_id": to_text(story.study_id),
        "draft_id": to_text(story.draft()),
        "consent_id": to_text(shared.consent_id),
        "share_id": to_text(shared.share_id),
        "session": to_text(story.owner.account.sessions.get().pk),
        "token": to_text(story.owner.account.api_tokens.get().pk),
        "factor": Authenticator.objects.get(user=story.owner.account).pk,
    }
    forged = Client(enforce_csrf_checks=True, raise_request_exception=False)
    forged.cookies = signed_in.cookies
    before, sessions = state(), Session.objects.count()
    tried = 0
    for page in pages():
        if not set(page.places) <= set(ids):
            continue
        for headers in ({}, {"Origin": "https://evil.example"}):
            answer = forged.post(
                page.at(**ids), {"accept": "on", "decline": "yes"}, headers=headers
            )
            assert answer.status_code in {403, 404, 405}, page.name
            tried += 1
    assert tried > 80
    assert changed(before, state()) == set()
    assert Session.objects.count() == sessions
