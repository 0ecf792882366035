"""L1: the statement says which version it is and since when it holds, from one source."""

from __future__ import annotations

import pytest
from django.test import Client

from accepting import CURRENT
from safelight.governance.compliance.models import StatementVersion

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_the_page_says_what_the_record_says() -> None:
    page = Client().get("/statement/").content.decode()
    held = StatementVersion.objects.get(number=CURRENT)
    assert f"Version {held.number}, in effect from {_day(held)}." in page
    assert held.sha256 in page
    for each in StatementVersion.objects.all():
        same = Client().get(f"/statement/{each.number}/").content.decode()
        assert f"Version {each.number}, in effect from {_day(each)}." in same
    assert Client().get("/statement/99/").status_code == 404


def _day(version: StatementVersion) -> str:
    return f"{version.effective_at.day} {version.effective_at:%B %Y}"
