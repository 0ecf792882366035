"""L87: before you sign you are warned to choose with care, and the warning is kept."""

from __future__ import annotations

import pytest

from safelight.exchange.consent.models import Consent
from safelight.exchange.release.signed import words_of
from safelight.kernel.ids import to_text
from story import Story, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.mark.parametrize(("kind", "is_warned"), [("clinician", False), ("attorney", True)])
def test_the_warning_fits_the_recipient(story: Story, kind: str, *, is_warned: bool) -> None:
    browser = browser_of(story.owner, story.code())
    page = browser.get(f"/share/{to_text(story.draft(kind=kind))}/check/").content.decode()
    assert "Choose carefully." in page
    assert ("is not a health professional in this matter" in page) is is_warned
    kept = words_of(Consent.objects.get(pk=story.share(kind=kind).consent_id))
    assert ("is not a health professional in this matter" in kept) is is_warned
