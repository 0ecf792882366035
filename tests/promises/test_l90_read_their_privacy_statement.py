"""L90: before you let an office or an institution look, you are asked to read what it promises."""

from __future__ import annotations

import pytest

from cast import Person
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.signed import words_of
from safelight.kernel.ids import to_text
from safelight.records.accounts.models import Organization
from story import Story, browser_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

ASKS = "Read the privacy statement of"


def test_the_page_asks_it_before_you_sign_and_the_consent_keeps_it(
    story: Story, clinician: Person
) -> None:
    assert clinician.account.is_provider
    hospital = str(Organization.objects.get().pk)
    chosen = {"audience": "organization", "organization_id": hospital, "name": "", "address": ""}
    browser = browser_of(story.owner, story.code())
    page = browser.get(f"/share/{to_text(story.draft(**chosen))}/check/").content.decode()
    assert f"{ASKS} Example Hospital first" in page
    consent = Consent.objects.get(pk=story.share(**chosen).consent_id)
    assert f"{ASKS} Example Hospital first" in words_of(consent)


@pytest.mark.parametrize(("kind", "is_asked"), [("insurer", True), ("family-or-friend", False)])
def test_an_office_has_one_and_a_friend_has_none(
    story: Story, kind: str, *, is_asked: bool
) -> None:
    shared = story.share(kind=kind, name="Ada Example")
    assert (ASKS in words_of(Consent.objects.get(pk=shared.consent_id))) is is_asked
