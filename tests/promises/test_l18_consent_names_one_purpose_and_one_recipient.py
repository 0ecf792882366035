"""L18: a consent is for one purpose and one named recipient."""

from __future__ import annotations

import pytest

from safelight.exchange.consent.models import Consent
from safelight.exchange.release.errors import TermsNotFitError
from safelight.exchange.release.sharing.ceremony import present
from safelight.exchange.release.signed import terms_of
from safelight.kernel import clock
from story import DOCTOR, Story

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "Anyone"},
        {"name": " everybody "},
        {"address": ""},
        {"address": "clinic.example"},
        {"address": "a@clinic.example;b@clinic.example"},
        {"address": "a@clinic.example, b@clinic.example"},
        {"kind": ""},
        {"purpose": ""},
        {"purpose": "anything"},
        {"purpose": "other", "purpose_words": "  "},
    ],
    ids=str,
)
def test_what_is_not_specific_is_not_even_shown_for_signing(
    story: Story, changes: dict[str, object]
) -> None:
    with pytest.raises(TermsNotFitError):
        present(story.party, story.draft(**changes), statement_version="1", at=clock.now())


def test_the_consent_keeps_purpose_recipient_and_end(story: Story) -> None:
    terms = terms_of(Consent.objects.get(pk=story.share().consent_id))
    assert (terms.recipient.name, terms.recipient.address) == ("Dr Dora Doctor", DOCTOR)
    assert terms.purpose == "second-opinion"
    assert terms.ends_at > terms.starts_at
