"""V7: who you are with us, your address above all, is not for other members to find."""

from __future__ import annotations

import pytest
from django.test import Client

from cast import Person, app_code, give_second_factor
from safelight.kernel.ids import to_text
from story import DOCTOR, Story, browser_of, open_share
from walk import API_ROOT, operations, pages

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_no_page_of_another_member_names_an_owner_or_an_address(
    story: Story, stranger: Person
) -> None:
    browser = browser_of(stranger, app_code(give_second_factor(stranger)))
    for page in pages():
        if page.places or page.name in {"sign-out", "end-sessions"}:
            continue
        for question in ("", "?q=Olga", "?email=olga.owner@people.example"):
            text = browser.get(page.address + question).content
            assert b"Olga Owner" not in text, page.name
            assert b"olga.owner@people.example" not in text.replace(question.encode(), b"")


def test_no_list_of_the_api_names_another_member(story: Story, stranger: Person) -> None:
    assert story.owner.account.name == "Olga Owner"
    for asked in sorted(operations()):
        if asked.startswith("GET ") and "{" not in asked:
            answer = Client(headers=stranger.headers).get(API_ROOT + asked.partition(" /")[2])
            assert answer.status_code in {200, 403}, asked
            assert b"olga" not in answer.content.lower(), asked


def test_naming_a_member_as_recipient_tells_nothing_of_them(story: Story, stranger: Person) -> None:
    browser = browser_of(story.owner, story.code())
    texts = []
    for address in ("stan.stranger@people.example", "no.body@nowhere.example"):
        draft = to_text(story.draft())
        said = {"name": "S", "address": address, "address_again": address, "kind": "other"}
        answer = browser.post(f"/share/{draft}/who/", said)
        page = browser.get(f"/share/{draft}/check/").content.decode()
        texts.append((answer.status_code, "Stan Stranger" in page))
    assert texts[0] == texts[1] == (302, False)


def test_a_recipient_reads_the_givers_name_and_not_their_address(story: Story) -> None:
    shared = story.share()
    cookie = open_share(shared)
    browser = browser_of(story.owner, story.code())
    browser.cookies.clear()
    browser.cookies["__Host-guest"] = cookie
    page = browser.get(f"/s/{to_text(shared.share_id)}/exams/").content.decode()
    assert "Olga Owner" in page
    assert "olga.owner@people.example" not in page
    assert DOCTOR not in page
