"""Can the papers that patients signed be migrated away and back, and consents given meanwhile?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connections

from safelight.exchange.consent.models import Consent
from safelight.exchange.release.on_paper.triggers import TRIGGERS
from safelight.platform.database.triggers import installed, missing
from stage import owner, story, web
from story import Story

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

__all__ = ["owner", "story", "web"]


@pytest.fixture
def without_papers(story: Story) -> Iterator[Story]:
    """Go back before the papers, and afterwards forward again."""
    call_command("migrate", "on_paper", "zero", verbosity=0)
    try:
        yield story
    finally:
        call_command("migrate", verbosity=0)


def test_nothing_of_it_stays_behind_and_nothing_is_missing_afterwards(
    without_papers: Story,
) -> None:
    names = {each.name for each in TRIGGERS}
    assert not names & installed(connections["default"]).keys()
    shared = without_papers.share()
    assert Consent.objects.get().pk == shared.consent_id

    call_command("migrate", verbosity=0)
    assert missing(connections["default"], TRIGGERS) == []
