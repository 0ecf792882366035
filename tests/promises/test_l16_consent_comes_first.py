"""L16: first the consent, then the look; the other way round cannot even be written down."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from safelight.exchange.consent.models import Consent
from safelight.exchange.release.errors import ShareNotStartedError
from safelight.exchange.release.models import Disclosure
from safelight.exchange.release.sharing.entries import show_secret
from safelight.kernel import clock
from story import Story, link_secret, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


def test_a_disclosure_older_than_its_consent_is_refused_by_the_database(story: Story) -> None:
    consent = Consent.objects.get(pk=story.share().consent_id)
    with pytest.raises(DatabaseError), transaction.atomic():
        Disclosure.objects.create(
            vault_id=consent.vault_id,
            study_id=story.study_id,
            recipient="share/x",
            channel="view",
            basis="authorised",
            consent_id=consent.pk,
            at=consent.granted_at - timedelta(microseconds=1),
        )


def test_every_disclosure_came_after_its_consent(story: Story) -> None:
    shared = story.share()
    assert story.as_guest(shared, open_share(shared)) == 200
    consent = Consent.objects.get(pk=shared.consent_id)
    disclosed = Disclosure.objects.get(consent_id=consent.pk)
    assert consent.granted_at <= disclosed.at < consent.ends_at


def test_a_consent_for_later_opens_nothing_today(story: Story) -> None:
    day = clock.now().date()
    later = {"starts_on": str(day + timedelta(days=3)), "ends_on": str(day + timedelta(days=9))}
    shared = story.share(**later)
    with pytest.raises(ShareNotStartedError):
        show_secret(shared.share_id, link_secret=link_secret(), at=clock.now())
