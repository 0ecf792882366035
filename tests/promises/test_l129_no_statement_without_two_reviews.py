"""L129: no version that is written here is published without both reviews of its very words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from safelight.governance.compliance.drafting import (
    Content,
    begin_draft,
    enter_review,
    require_reviewed,
    write_draft,
)
from safelight.governance.compliance.errors import NotReviewedError
from safelight.kernel import clock
from stating import NEW_WORDS, make_official

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

WORDS = Content(texts={"en": NEW_WORDS}, summary="Machines.", is_material=True, grace_days=7)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(replace(WORDS, texts={"en": NEW_WORDS + "\nMore.\n"}), id="the text"),
        pytest.param(replace(WORDS, texts={**WORDS.texts, "fr": "# Oui\n"}), id="a language"),
        pytest.param(replace(WORDS, summary="Another."), id="what is said of it"),
        pytest.param(replace(WORDS, grace_days=0), id="the days"),
        pytest.param(replace(WORDS, is_material=False), id="whether it is asked"),
    ],
)
def test_both_have_read_exactly_this(changed: Content) -> None:
    official, at = make_official().party, clock.now()
    begin_draft(official, at=at)
    draft = write_draft(official, WORDS, at=at)
    for role in ("counsel", "risk"):
        with pytest.raises(NotReviewedError):
            require_reviewed(draft)
        enter_review(official, role, "Rita Reviewer", at.date(), "Read.", at=at)
    require_reviewed(draft)

    with pytest.raises(NotReviewedError):
        require_reviewed(write_draft(official, changed, at=at))
    require_reviewed(write_draft(official, WORDS, at=at))
