"""L34: without signing in there is nothing to see but the few pages that are for everybody."""

from __future__ import annotations

import pytest
from django.test import Client

from permission_matrix import PAGES, May
from walk import pages

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

FOR_EVERYBODY = {
    "home",
    "healthz",
    "readyz",
    "statement",
    "statement-version",
    "register",
    "verify",
    "sign-in",
    "sign-in-factor",
    "passkey-question",
    "reset",
    "reset-code",
    "not-me",
    "share-open",
    "sender-open",
    # What a program or a stranger needs to ask and to check; about nobody.
    "openapi",
    "receipt-key",
    "receipt-verifier",
    "record-key",
    "record-verifier",
    "certificate-key",
    "certificate-verifier",
}


def test_only_the_pages_for_everybody_answer_somebody_unknown() -> None:
    answered = set()
    for page in pages():
        ids: dict[str, object] = dict.fromkeys(page.places, "0" * 26)
        answer = Client().get(page.at(**(ids | {"number": 1, "factor": 1})))
        if answer.status_code == 200:
            answered.add(page.name)
        elif answer.status_code == 302:
            # To the sign-in, or to the one page that takes a link's secret.
            assert answer["Location"].startswith(("/account/", "/s/", "/r/")), page.name
        else:
            assert answer.status_code in {404, 405}, page.name
    assert answered <= FOR_EVERYBODY
    assert {PAGES[name] for name in FOR_EVERYBODY} == {May.ANYONE}
