"""L40: from a person's own account nothing goes further than the consent that names it."""

from __future__ import annotations

import pytest

from safelight.exchange.consent.models import Consent
from safelight.exchange.release.errors import WrongProofError
from safelight.exchange.release.models import Disclosure
from safelight.exchange.release.sharing.entries import show_secret
from safelight.exchange.release.sharing.proof import prove
from safelight.exchange.release.signed import terms_of
from safelight.kernel import clock
from story import DOCTOR, Story, link_secret, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_the_consent_names_information_and_recipient_and_only_they_meet(story: Story) -> None:
    shared = story.share()
    terms = terms_of(Consent.objects.get(pk=shared.consent_id))
    assert terms.recipient.address == DOCTOR
    assert [item.series_id for item in terms.items] == [story.series_id]

    another_browser = show_secret(shared.share_id, link_secret=link_secret(), at=clock.now())
    assert story.as_guest(shared, another_browser.cookie) == 404
    with pytest.raises(WrongProofError):
        prove(another_browser.entry, code="0", passphrase="", at=clock.now())
    assert not Disclosure.objects.filter(basis="authorised").exists()

    assert story.as_guest(shared, open_share(shared)) == 200
    assert Disclosure.objects.get(basis="authorised").consent_id == shared.consent_id
