"""L19: a consent says exactly which images; what comes later is not among them."""

from __future__ import annotations

import pytest

from safelight.exchange.consent.models import Consent, ConsentItem
from safelight.exchange.release.errors import ManifestChangedError
from safelight.exchange.release.sharing.ceremony import confirm, present
from safelight.exchange.release.signed import terms_of
from safelight.kernel import clock
from story import Story, another_ct, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

LATER = "1.2.826.0.1.99"


def test_it_lists_series_counts_and_hashes(story: Story) -> None:
    shared = story.share()
    (item,) = terms_of(Consent.objects.get(pk=shared.consent_id)).items
    assert (item.study_id, item.series_id) == (story.study_id, story.series_id)
    assert item.pictures == 1
    assert len(bytes.fromhex(item.digest)) == 32
    assert ConsentItem.objects.get().up_to == item.up_to


@pytest.mark.parametrize("series", ["", "1.2.826.0.1.98"], ids=["same series", "another series"])
def test_what_comes_later_is_not_shared(story: Story, series: str) -> None:
    shared = story.share()
    cookie = open_share(shared)
    series = series or str(story.dataset.SeriesInstanceUID)
    story.add(another_ct(SOPInstanceUID=LATER, SeriesInstanceUID=series))
    study = f"/studies/{story.dataset.StudyInstanceUID}"
    newer = f"{study}/series/{series}/instances/{LATER}/frames/1"
    assert story.under(shared, newer, cookie).status_code == 404
    assert story.as_guest(shared, cookie) == 200
    (seen,) = story.under(shared, "/studies", cookie).json()
    assert (seen["00201206"]["Value"], seen["00201208"]["Value"]) == ([1], [1])
    listed = story.under(shared, study + "/instances", cookie).json()
    assert [each["00080018"]["Value"] for each in listed] == [[story.dataset.SOPInstanceUID]]


def test_what_came_between_reading_and_signing_is_read_again(story: Story) -> None:
    draft = story.draft()
    shown = present(story.party, draft, statement_version="1", at=clock.now())
    story.add(another_ct(SOPInstanceUID=LATER))
    with pytest.raises(ManifestChangedError):
        confirm(story.party, draft, story.approve(shown.challenge_id), at=clock.now())
    assert not Consent.objects.exists()
