"""L5: to whom information about you went, you can have told: by name, when, what and why."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader

from safelight.exchange.release.papers.accounting import Extent
from safelight.exchange.release.papers.listing import Form, accounting, written
from safelight.exchange.release.periods import ALWAYS
from safelight.kernel import clock
from story import Story, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def told(story: Story, extent: Extent) -> str:
    made = accounting(story.party, extent, ALWAYS, at=clock.now())
    pages = PdfReader(BytesIO(written(made, Form.PDF))).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


def test_the_list_names_each_recipient_the_day_what_and_why(story: Story) -> None:
    shared = story.share(purpose="legal", kind="attorney", name="Ann Attorney")
    assert story.as_guest(shared, open_share(shared)) == 200

    said = told(story, Extent.COMPLETE)
    for words in ("Ann Attorney", "dr.dora@clinic.example", "for a legal matter", "1 picture"):
        assert words in said
    assert f"{clock.now():%Y-%m-%d}" in said


def test_the_accounting_of_the_law_says_what_it_leaves_out(story: Story) -> None:
    shared = story.share()
    assert story.as_guest(shared, open_share(shared)) == 200

    said = told(story, Extent.STATUTORY)
    assert "what you authorised by a consent" in said
    assert "There were none in this time." in said
