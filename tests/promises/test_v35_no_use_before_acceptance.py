"""V35: before you accept the statement, you can only accept it or leave."""

from __future__ import annotations

import pytest
from django.test import Client
from starlette.testclient import TestClient

from accepting import CURRENT
from cast import PASSWORD, Person, app_code, give_second_factor, multipart
from safelight.governance.compliance.actions import create_account
from safelight.governance.compliance.models import Acceptance
from safelight.kernel import clock
from safelight.records.accounts.actions.tokens import create_token
from safelight.records.accounts.models import Kind
from safelight.records.accounts.tokens import Scope
from safelight.records.imaging.models import Study
from story import CT

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def somebody_who_was_given_an_account() -> Person:
    account = create_account(
        "una@people.example", "Una Undecided", Kind.INDIVIDUAL, password=PASSWORD, at=clock.now()
    )
    return Person(account, create_token(account, list(Scope), at=clock.now())[0])


def signed_in(person: Person) -> Client:
    browser = Client()
    secret = give_second_factor(person)
    browser.post("/account/sign-in/", {"email": "una@people.example", "password": PASSWORD})
    browser.post("/account/sign-in/factor/", {"code": app_code(secret)})
    return browser


def test_every_page_leads_to_the_statement_until_it_is_accepted() -> None:
    browser = signed_in(somebody_who_was_given_an_account())
    for page in ("/", "/exams/", "/add/", "/access/", "/activity/"):
        assert browser.get(page)["Location"] == "/account/statement/"
    browser.post("/account/statement/", {"statement": CURRENT, "accept": "on"})
    assert Acceptance.objects.get().version.number == CURRENT
    assert browser.get("/exams/").status_code == 200


def test_a_token_of_theirs_stores_and_reads_nothing(web: TestClient) -> None:
    person = somebody_who_was_given_an_account()
    body, headers = multipart(CT.read_bytes())
    stored = web.post("/dicomweb/studies", content=body, headers=headers | person.headers)
    assert stored.status_code == 403
    assert not Study.objects.exists()
    assert web.get("/dicomweb/studies", headers=person.headers).content == b""
