"""L41: who was let look passes it on only where the patient agreed to exactly that."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import orjson
import pytest
from django.test import Client

from cast import Person, app_code, give_second_factor, party_of_person
from passing import CARL, NAMED, consultant, shown_to
from safelight.exchange.access.decide import decide
from safelight.exchange.access.decision import Action, Reason
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.terms import NOT_FURTHER
from safelight.exchange.release.activity import activity
from safelight.exchange.release.signed import terms_of
from safelight.kernel import clock
from safelight.kernel.ids import to_text
from story import Story, accept_share, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def page(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def downloaded(browser: Client, exam: str) -> bytes:
    answer: Any = browser.post(f"{exam}download/")
    return b"".join(answer.streaming_content)


def test_a_recipient_cannot_pass_on_what_was_only_shown_to_them(
    story: Story, clinician: Person
) -> None:
    clara = shown_to(story, clinician, may_download=True)
    assert terms_of(Consent.objects.get()).further == NOT_FURTHER
    decision = decide(clara.party, Action.SHARE, story.study_id, at=clock.now())
    assert (decision.allowed, decision.reason) == (False, Reason.ONWARD_RELEASE)

    browser = browser_of(clinician, clara.code())
    exam = f"/exams/{to_text(story.study_id)}/"
    for attempt in ("share", "pass-on"):
        answer = browser.post(f"{exam}{attempt}/")
        assert answer.status_code == 403
        words = answer.content.decode()
        assert "Nothing was passed on" in words
        assert "further_release_not_contemplated" in words
        assert f"{exam}ask/" in words
    assert Consent.objects.count() == 1
    # The owner reads of the try.
    (tried,) = [each for each in activity(story.party, at=clock.now()) if each.did == "tried"]
    assert tried.who == "Clara Clinician"
    history = page(browser_of(story.owner, story.code()), "/activity/")
    assert "tried to pass on" in history


def test_a_copy_for_oneself_is_allowed_and_says_that_it_is_for_nobody_else(
    story: Story, clinician: Person
) -> None:
    clara = shown_to(story, clinician, may_download=True)
    browser = browser_of(clinician, clara.code())
    exam = f"/exams/{to_text(story.study_id)}/"
    assert "Do not pass it on: nobody agreed to that." in page(browser, exam)
    assert "Do not pass on" in page(browser, f"{exam}view/")
    copy = ZipFile(BytesIO(downloaded(browser, exam)))
    marked = orjson.loads(copy.read("OBLIGATIONS.json"))
    assert marked["consent"] == str(clara.received.consent_id)
    assert "further-release-none" in marked["obligations"]
    assert "Do not pass it on" in copy.read("OBLIGATIONS.txt").decode()
    assert b"OBLIGATIONS" not in downloaded(browser_of(story.owner, story.code()), exam)


def test_where_the_patient_named_a_colleague_they_see_every_hop(
    story: Story, clinician: Person
) -> None:
    clara = shown_to(story, clinician, **NAMED)
    browser = browser_of(clinician, clara.code())
    exam = f"/exams/{to_text(story.study_id)}/"
    form = browser.post(f"{exam}pass-on/").headers["Location"]
    assert CARL in page(browser, form)
    chosen = {
        "series": str(story.series_id),
        "address": CARL,
        "kind": "clinician",
        "purpose": "second-opinion",
        "second_check": "waived",
    }
    assert browser.post(form, chosen | {"purpose": ""}).status_code == 422
    check = browser.post(form, chosen).headers["Location"]
    assert "passing on what Olga Owner let you see" in page(browser, check)

    carl = consultant()
    passed = clara.pass_on()
    accept_share(passed, carl)
    reader = browser_of(carl, app_code(give_second_factor(carl)))
    assert "as Olga Owner agreed" in page(reader, exam)
    assert "Clara Clinician" in page(reader, "/inbox/")

    hops = [each for each in activity(story.party, at=clock.now()) if each.parent_id]
    assert {(each.did, each.who, each.by) for each in hops} == {
        ("passed-on", "Carl Consultant", "Clara Clinician"),
        ("looked", "Carl Consultant", "Clara Clinician"),
    }
    assert {each.parent_id for each in hops} == {clara.received.consent_id}
    owner = browser_of(story.owner, story.code())
    history = page(owner, "/activity/")
    assert "passed on" in history
    assert to_text(clara.received.consent_id) in history
    assert "Passed on by Clara Clinician, as you agreed" in page(owner, "/access/")
    owner.post(f"/consents/{to_text(passed.consent_id)}/take-back/")
    assert not decide(party_of_person(carl), Action.VIEW, story.study_id, at=clock.now()).allowed
    assert decide(clara.party, Action.VIEW, story.study_id, at=clock.now()).allowed
