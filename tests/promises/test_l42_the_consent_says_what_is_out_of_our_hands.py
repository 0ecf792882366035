"""L42: you are told, and it is kept, that we do not answer for what recipients do."""

from __future__ import annotations

import pytest

from safelight.exchange.consent.models import Consent
from safelight.exchange.release.signed import words_of
from story import Story

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_the_words_that_were_signed_say_it(story: Story) -> None:
    words = words_of(Consent.objects.get(pk=story.share().consent_id))
    assert "we are not responsible for what they do with them" in words
    assert "the law may no longer protect them in their hands" in words
