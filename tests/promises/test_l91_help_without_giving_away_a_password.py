"""L91: whoever needs help names a helper, who signs in as themselves; no password is shared."""

from __future__ import annotations

import pytest

from acting import invite, make_helper
from cast import Person
from safelight.exchange.access.representing.helping import invitation_words
from safelight.platform.audit.models import Entry
from safelight.records.accounts.models import Account
from story import Story

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_naming_a_helper_makes_a_delegate_and_shares_no_credentials(
    story: Story, stranger: Person
) -> None:
    owner = story.owner.account
    before = Account.objects.get(pk=owner.pk).password
    sessions, tokens = owner.sessions.count(), owner.api_tokens.count()
    row = make_helper(story.owner, stranger)

    assert "Nobody needs to know your password." in invitation_words(row)
    assert Account.objects.get(pk=owner.pk).password == before
    assert (owner.sessions.count(), owner.api_tokens.count()) == (sessions, tokens)

    path = "/dicomweb" + story.address + "/frames/1"
    assert story.web.get(path, headers=stranger.headers).status_code == 200
    looked = Entry.objects.filter(kind="study.looked-at").latest("at")
    assert looked.actor == f"account/{stranger.account.pk}"


def test_the_helper_gets_nothing_by_being_asked(story: Story, stranger: Person) -> None:
    invite(story.owner, stranger)
    path = "/dicomweb" + story.address + "/frames/1"
    assert story.web.get(path, headers=stranger.headers).status_code == 404
