"""V2: an account begins with accepting one exact version of the statement, and that is kept."""

from __future__ import annotations

import pytest
from django.test import Client

from accepting import CURRENT
from cast import messages_to
from safelight.governance.compliance.models import Acceptance, StatementVersion
from safelight.records.accounts.models import Account

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

NORA = {"name": "Nora New", "email": "nora@example.org", "password": "nine lives of a grey cat"}


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"statement": CURRENT}, id="not ticked"),
        pytest.param({"statement": CURRENT, "accept": ""}, id="ticked off"),
        pytest.param(
            {"statement": CURRENT + 1, "accept": "on"}, id="a version that is not in effect"
        ),
        pytest.param({"accept": "on"}, id="no version at all"),
    ],
)
def test_without_it_there_is_no_account(said: dict[str, object]) -> None:
    answer = Client().post("/account/register/", NORA | said)
    assert answer.status_code in {409, 422}
    assert not Account.objects.exists()
    assert messages_to(NORA["email"]) == []


def test_with_it_version_hash_and_time_are_kept() -> None:
    answer = Client().post("/account/register/", NORA | {"statement": CURRENT, "accept": "on"})
    assert answer.status_code == 302
    kept, version = Acceptance.objects.get(), StatementVersion.objects.get(number=CURRENT)
    assert (kept.account, kept.version) == (Account.objects.get(), version)
    assert kept.sha256 == version.sha256
    assert kept.accepted_at >= version.effective_at
