"""A share that names the address of an account is found in it, and opens without link and code."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cast import Person, give_second_factor, make_person, messages_to, party_of_person
from on_paper import fresh_code
from safelight.exchange.release.models import GuestEntry, Share
from safelight.exchange.release.sharing.named import begin, named
from safelight.exchange.release.sharing.withdraw import withdraw
from safelight.kernel import clock
from safelight.kernel.errors import NotFoundError
from safelight.kernel.ids import to_text
from safelight.platform.audit.models import Entry
from safelight.records.accounts.models import Kind
from story import Story, browser_of, link_secret

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

ADDRESS = "clara.clinician@people.example"
GO_ON = {"as_account": "yes"}


@pytest.fixture
def browser(clinician: Person) -> Client:
    give_second_factor(clinician)
    return browser_of(clinician, fresh_code(clinician))


def test_it_is_listed_and_opens_by_the_account_alone(story: Story, browser: Client) -> None:
    shared = story.share(address=ADDRESS)
    before = len(messages_to(ADDRESS))
    page = browser.get("/inbox/").content.decode()
    assert "Shared with your address, not opened yet" in page
    assert "Olga" not in page  # who it is from comes after the proof
    address = reverse("share-open", args=[to_text(shared.share_id)])
    assert f'action="{address}"' in page
    asked = browser.post(address, GO_ON)
    assert asked.status_code == 302
    words = browser.get(asked.headers["Location"]).content.decode()
    assert "no code is needed" in words
    assert len(messages_to(ADDRESS)) == before
    assert Entry.objects.filter(kind="share.begun").count() == 1
    opened = browser.post(asked.headers["Location"], GO_ON | {"agreed": "yes"})
    assert opened.headers["Location"].endswith("/exams/")
    assert "CT" in browser.get(opened.headers["Location"]).content.decode()
    page = browser.get("/inbox/").content.decode()
    assert "not opened yet" not in page
    assert "Olga" in page


def test_the_link_sends_no_code_to_whom_it_names(story: Story, browser: Client) -> None:
    shared = story.share(address=ADDRESS)
    address, secret = reverse("share-open", args=[to_text(shared.share_id)]), link_secret(ADDRESS)
    before = len(messages_to(ADDRESS))
    assert browser.post(address, {"secret": secret}).status_code == 302
    assert len(messages_to(ADDRESS)) == before
    assert Client().post(address, {"secret": secret}).status_code == 302
    assert len(messages_to(ADDRESS)) == before + 1


def test_what_else_the_giver_asked_for_stays(story: Story, browser: Client) -> None:
    shared = story.share(address=ADDRESS, second_check="owner-release")
    address = reverse("share-open", args=[to_text(shared.share_id)])
    onwards = browser.post(address, GO_ON).headers["Location"]
    seen = browser.post(onwards, GO_ON | {"agreed": "yes"}).headers["Location"]
    assert "Your address is proved" in browser.get(seen).content.decode()
    assert Share.objects.get().released_at is None
    assert "not opened yet" not in browser.get("/inbox/").content.decode()  # it waits for them


def test_nobody_else_finds_or_begins_it(story: Story, browser: Client, clinician: Person) -> None:
    shared = story.share(address=ADDRESS)
    other = make_person("Olaf Other", Kind.INDIVIDUAL)
    give_second_factor(other)
    assert (
        "not opened yet" not in browser_of(other, fresh_code(other)).get("/inbox/").content.decode()
    )
    for who in (party_of_person(other), story.party):
        assert named(who, at=clock.now()) == []
        with pytest.raises(NotFoundError):
            begin(who, shared.share_id, cookie="", at=clock.now())
    address = reverse("share-open", args=[to_text(shared.share_id)])
    for stranger in (Client(), browser_of(other, fresh_code(other))):
        answer = stranger.post(address, GO_ON)
        nothing = stranger.post(reverse("share-open", args=["0" * 26]), GO_ON)
        assert (answer.status_code, nothing.status_code) == (302, 302)
        assert answer.headers["Location"] == address
        assert "__Host-guest" not in answer.cookies
    assert not GuestEntry.objects.exists()
    assert not Entry.objects.filter(kind="share.begun").exists()
    assert len(named(party_of_person(clinician), at=clock.now())) == 1
    assert browser.get("/inbox/").status_code == 200


def test_many_cost_no_more_statements_than_one(story: Story, clinician: Person) -> None:
    party, counts = party_of_person(clinician), []
    for many in (1, 4):
        while Share.objects.count() < many:
            story.share(address=ADDRESS)
        with CaptureQueriesContext(connection) as asked:
            assert len(named(party, at=clock.now())) == many
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_what_is_over_is_not_listed(story: Story, clinician: Person) -> None:
    shared = story.share(address=ADDRESS)
    party, at = party_of_person(clinician), clock.now()
    assert [each.share_id for each in named(party, at=at)] == [shared.share_id]
    assert named(party, at=at + timedelta(days=999)) == []
    withdraw(story.party, shared.consent_id, at=at)
    assert named(party, at=at) == []
    locked = story.share(address=ADDRESS)
    assert len(named(party, at=clock.now())) == 1
    Share.objects.filter(pk=locked.share_id).update(locked_at=at)
    assert named(party, at=clock.now()) == []
