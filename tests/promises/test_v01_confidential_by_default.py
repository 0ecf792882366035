"""V1: whatever has to do with your exams is between you and whoever keeps them for you."""

from __future__ import annotations

import pytest
from django.test import Client

from cast import Person
from safelight.exchange.release.events import ReleaseEvent
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from story import Story

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

PATHS = ("", "/metadata", "/rendered", "/frames/1", "/frames/1/rendered", "/bulkdata/7FE00010")


def test_a_stranger_who_knows_every_identifier_gets_nothing_and_it_is_recorded(
    story: Story, stranger: Person
) -> None:
    for path in PATHS:
        answer = story.web.get("/dicomweb" + story.address + path, headers=stranger.headers)
        assert answer.status_code == 404
    found = story.web.get("/dicomweb/studies", headers=stranger.headers)
    assert (found.status_code, found.content) == (204, b"")
    denied = Entry.objects.filter(kind=ReleaseEvent.DENIED)
    assert {entry.actor for entry in denied} == {f"account/{stranger.account.pk}"}


def test_without_an_account_there_is_nothing_but_the_way_to_sign_in(story: Story) -> None:
    for path in PATHS:
        assert story.web.get("/dicomweb" + story.address + path).status_code == 401
    answer = Client().get(f"/exams/{to_text(story.study_id)}/")
    assert answer["Location"].startswith("/account/sign-in/")
