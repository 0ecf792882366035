"""L116: from when a version holds is kept in one place, and is what its page says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from safelight.kernel import clock
from stating import make_official, publish_next

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_the_page_says_the_day_that_was_signed() -> None:
    starts = clock.now() + timedelta(days=40)
    version = publish_next(make_official(), effective_at=starts)
    page = Client().get(f"/statement/{version.number}/").content.decode()
    assert f"Version {version.number}, in effect from {starts:%-d %B %Y}." in page
    assert f"in effect from {clock.now():%-d %B %Y}." not in page
