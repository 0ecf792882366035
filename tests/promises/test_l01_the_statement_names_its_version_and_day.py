"""L1: the statement says which version it is and since when it holds, from one source."""

from __future__ import annotations

import pytest
from django.test import Client

from safelight.governance.compliance.models import StatementVersion

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_the_page_says_what_the_record_says() -> None:
    page = Client().get("/statement/").content.decode()
    held = StatementVersion.objects.get(number=1)
    day = f"{held.effective_at.day} {held.effective_at:%B %Y}"
    assert f"Version {held.number}, in effect from {day}." in page
    assert held.sha256 in page
    same = Client().get("/statement/1/").content.decode()
    assert f"Version {held.number}, in effect from {day}." in same
    assert Client().get("/statement/99/").status_code == 404
