"""L130: the day from which it holds stands at the head of the statement and again at its foot."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from accepting import CURRENT
from safelight.governance.compliance.models import StatementVersion
from safelight.kernel import clock
from stating import make_official, publish_next

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_head_and_foot_say_the_same_of_every_version() -> None:
    publish_next(make_official(), effective_at=clock.now() + timedelta(days=40))
    versions = list(StatementVersion.objects.order_by("number"))
    assert [each.number for each in versions] == list(range(1, CURRENT + 2))
    for each in versions:
        page = Client().get(f"/statement/{each.number}/").content.decode()
        head, article, rest = page.partition("<article")
        foot = rest.partition("</article>")[2]
        said = f"Version {each.number}, in effect from {each.effective_at:%-d %B %Y}."
        assert article
        assert said in head
        assert said in foot
