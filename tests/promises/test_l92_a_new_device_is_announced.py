"""L92: when somebody signs in as you from somewhere new, you hear of it, and can end it."""

from __future__ import annotations

import pytest
from django.test import Client

from cast import PASSWORD, messages_to
from safelight.records.accounts.models import Session
from story import FIREFOX, Story, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

ADDRESS = "olga.owner@people.example"


def test_a_new_browser_is_told_of_and_a_known_one_is_not(story: Story) -> None:
    def told() -> int:
        return [template for template, _ in messages_to(ADDRESS)].count("new-device")

    known = browser_of(story.owner, story.code())
    after_first = told()
    known.post("/account/sign-out/")
    known.post("/account/sign-in/", {"email": ADDRESS, "password": PASSWORD})
    known.post("/account/sign-in/factor/", {"code": story.code()})
    assert told() == after_first

    elsewhere = Client(headers={"User-Agent": FIREFOX})
    elsewhere.post("/account/sign-in/", {"email": ADDRESS, "password": PASSWORD})
    elsewhere.post("/account/sign-in/factor/", {"code": story.code()})
    assert told() == after_first + 1
    assert elsewhere.get("/exams/").status_code == 200

    known.post("/account/security/sessions/end/")
    assert elsewhere.get("/exams/").status_code == 302
    assert not Session.objects.filter(account=story.owner.account).exists()


def test_the_mail_says_what_and_when_and_no_more_and_carries_the_way_to_stop_it(
    story: Story,
) -> None:
    browser_of(story.owner, story.code())
    elsewhere = Client(headers={"User-Agent": FIREFOX}, REMOTE_ADDR="203.0.113.77")
    elsewhere.post("/account/sign-in/", {"email": ADDRESS, "password": PASSWORD})
    elsewhere.post("/account/sign-in/factor/", {"code": story.code()})
    facts = [facts for name, facts in messages_to(ADDRESS) if name == "new-device"][-1]
    assert facts["device"] == "Firefox on Windows"  # coarse: a browser and a system
    assert facts["when"].endswith("UTC")
    assert set(facts) == {"device", "when", "page"}
    assert "203.0.113" not in str(facts)
    page = facts["page"].removeprefix("http://localhost:8000")
    assert Client().get(page).status_code == 200
    assert elsewhere.get("/exams/").status_code == 200  # a mail that is opened does nothing
    assert Client().post(page).status_code == 200
    assert elsewhere.get("/exams/").status_code == 302
