"""L42: you are told, and it is kept, that we do not answer for what recipients do."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader

from safelight.exchange.consent.models import Consent
from safelight.exchange.release.papers.taking import receipt
from safelight.exchange.release.signed import words_of
from safelight.kernel import clock
from story import Story

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_the_words_that_were_signed_say_it(story: Story) -> None:
    words = words_of(Consent.objects.get(pk=story.share().consent_id))
    assert "we are not responsible for what they do with them" in words
    assert "the law may no longer protect them in their hands" in words


def test_the_receipt_that_you_can_print_says_it_too(story: Story) -> None:
    pdf = receipt(story.party, story.share().consent_id, at=clock.now())
    said = " ".join(" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages)
    assert "We are not responsible for what recipients do with what they were given." in said
    assert "the law may no longer protect them in their hands" in said
