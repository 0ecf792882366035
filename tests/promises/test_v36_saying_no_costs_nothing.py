"""V36: who does not accept does not use, and nothing else comes of it."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accepting import CURRENT
from cast import PASSWORD, Person, app_code, give_second_factor
from safelight.governance.compliance.actions import create_account
from safelight.governance.compliance.models import Acceptance
from safelight.kernel import clock
from safelight.records.accounts.models import Account, Kind, State

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_an_unticked_box_is_a_no_that_can_be_changed_later() -> None:
    account = create_account(
        "una@people.example", "Una Undecided", Kind.INDIVIDUAL, password=PASSWORD, at=clock.now()
    )
    secret = give_second_factor(Person(account, ""))
    browser = Client()
    browser.post("/account/sign-in/", {"email": "una@people.example", "password": PASSWORD})
    browser.post("/account/sign-in/factor/", {"code": app_code(secret)})
    page = browser.get("/account/statement/").content.decode()
    assert re.findall(r'<input[^>]+type="checkbox"[^>]* checked', page) == []
    assert 'action="/account/sign-out/"' in page

    answer = browser.post("/account/statement/", {"statement": CURRENT})

    assert answer.status_code == 422
    assert not Acceptance.objects.exists()
    assert browser.get("/exams/")["Location"] == "/account/statement/"
    assert Account.objects.get().state == State.ACTIVE
    browser.post("/account/sign-out/")
    assert browser.get("/exams/")["Location"].startswith("/account/sign-in/")
