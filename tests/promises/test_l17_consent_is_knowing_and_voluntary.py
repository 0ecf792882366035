"""L17: you read what you sign, nothing is ticked for you, and no is as near as yes."""

from __future__ import annotations

import re

import pytest

from cast import PASSWORD
from safelight.exchange.consent.models import Consent, ConsentDraft
from safelight.exchange.release.sharing.drafts import start_draft
from safelight.exchange.release.signed import words_of
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from story import Story, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_nothing_is_ticked_beforehand(story: Story) -> None:
    browser = browser_of(story.owner, story.code())
    draft = to_text(start_draft(story.party, story.study_id, at=clock.now()).id)
    for step in ("what", "who", "why"):
        page = browser.get(f"/share/{draft}/{step}/").content.decode()
        inputs = re.findall(r'<input[^>]+type="(?:checkbox|radio)"[^>]*>', page)
        assert inputs
        assert [each for each in inputs if "checked" in each] == []


def test_nothing_is_chosen_for_whoever_leaves_it_open(story: Story) -> None:
    browser = browser_of(story.owner, story.code())
    draft = to_text(story.draft())
    why = f"/share/{draft}/why/"
    said = {"purpose": "treatment", "second_check": "waived", "ends_on": ""}
    asked = browser.post(why, said)
    assert asked.status_code == 422
    page = asked.content.decode()
    assert "Choose what they can do." in page
    either = re.findall(r'<input[^>]+name="may_download"[^>]*>', page)
    assert len(either) == 2
    assert [each for each in either if "checked" in each] == []
    again = browser.get(why).content.decode()
    assert not re.search(r'name="may_download" value="\w+" checked', again)
    assert browser.post(why, said | {"may_download": "no"}).status_code == 302
    assert re.search(r'name="may_download" value="no" checked', browser.get(why).content.decode())


def test_what_was_chosen_stays_chosen_where_something_else_is_missing(story: Story) -> None:
    browser = browser_of(story.owner, story.code())
    why = f"/share/{to_text(start_draft(story.party, story.study_id, at=clock.now()).id)}/why/"
    asked = browser.post(why, {"may_download": "no", "further": "none"})
    assert asked.status_code == 422
    page = asked.content.decode()
    assert re.search(r'name="may_download" value="no" checked', page)
    assert not re.search(r'name="may_download" value="yes" checked', page)
    assert re.search(r'name="further" value="none" checked', page)
    # What is missing is told where it is missing, to whoever hears the page too.
    told = re.findall(r'<fieldset id="(\w+)"[^>]*aria-describedby="(\w+-error)"', page)
    assert told == [("purpose", "purpose-error"), ("second_check", "second_check-error")]
    assert all(f'id="{error}"' in page for _, error in told)


def test_the_words_kept_are_the_words_on_the_page(story: Story) -> None:
    browser = browser_of(story.owner, story.code())
    draft = to_text(story.draft())
    page = browser.get(f"/share/{draft}/check/").content.decode()
    challenge = re.search(r'name="confirm-challenge" value="(\w{26})"', page)
    assert challenge
    answer = browser.post(
        f"/share/{draft}/check/",
        {
            "confirm-challenge": challenge[1],
            "confirm-password": PASSWORD,
            "confirm-code": story.code(),
        },
    )
    assert answer.status_code == 302
    assert words_of(Consent.objects.get()) in page


def test_no_stands_beside_yes_and_leaves_nothing(story: Story) -> None:
    browser = browser_of(story.owner, story.code())
    draft = to_text(story.draft())
    page = browser.get(f"/share/{draft}/check/").content.decode()
    assert re.search(r'<button[^>]+big full[^>]+name="decline"', page)
    assert "You do not have to agree." in page
    browser.post(f"/share/{draft}/check/", {"decline": "yes"})
    assert not Consent.objects.exists()
    assert not ConsentDraft.objects.exists()
