"""V19: knowing one thing about you, even your password, opens nothing and agrees to nothing."""

from __future__ import annotations

import pytest
from django.test import Client

from cast import PASSWORD, app_code, give_second_factor, make_person
from safelight.exchange.access.parties import session_id
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.sharing.ceremony import present
from safelight.kernel import clock
from safelight.records.accounts.authorization.actions import confirm_with_password_and_code
from safelight.records.accounts.errors import CodeRefusedError
from safelight.records.accounts.models import Kind
from story import Story, session_cookie

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_a_password_alone_opens_nothing(story: Story) -> None:
    browser = Client()
    said = {"email": "olga.owner@people.example", "password": PASSWORD}
    assert browser.post("/account/sign-in/", said)["Location"] == "/account/sign-in/factor/"
    assert browser.get("/exams/")["Location"].startswith("/account/sign-in/")
    answer = story.web.get("/dicomweb" + story.address, headers=session_cookie(browser))
    assert answer.status_code == 401


def test_who_has_no_second_factor_yet_is_led_to_adding_one_before_anything(story: Story) -> None:
    make_person("Una First", Kind.INDIVIDUAL)
    browser = Client()
    browser.post("/account/sign-in/", {"email": "una.first@people.example", "password": PASSWORD})
    for page in ("/", "/exams/", "/add/", "/access/"):
        assert browser.get(page)["Location"] == "/account/security/factors/add/"
    answer = story.web.get("/dicomweb/studies", headers=session_cookie(browser))
    assert answer.content == b""


@pytest.mark.parametrize("wrong", ["password", "code"])
def test_one_of_two_does_not_sign_a_consent(story: Story, wrong: str) -> None:
    shown = present(story.party, story.draft(), statement_version="1", at=clock.now())
    other = give_second_factor(make_person("Otto Other", Kind.INDIVIDUAL))
    with pytest.raises(CodeRefusedError):
        confirm_with_password_and_code(
            shown.challenge_id,
            account=story.owner.account,
            session_id=session_id(story.party),
            password="a wrong password" if wrong == "password" else PASSWORD,
            code=app_code(other) if wrong == "code" else story.code(),
            at=clock.now(),
        )
    assert not Consent.objects.exists()
