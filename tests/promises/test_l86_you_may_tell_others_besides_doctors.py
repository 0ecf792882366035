"""L86: you may let doctors, lawyers and others look; the words warn of what fits each of them."""

from __future__ import annotations

import pytest

from safelight.exchange.consent.models import Consent
from safelight.exchange.release.signed import words_of
from story import Story, open_share

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.mark.parametrize(
    ("kind", "warning"),
    [
        pytest.param("attorney", "may have to be shown to the other side", id="a lawyer"),
        pytest.param("insurer", "decide about your cover", id="an insurer"),
        pytest.param("family-or-friend", "more than you wanted to tell", id="a friend"),
    ],
)
def test_somebody_who_is_no_doctor_looks_and_you_were_warned(
    story: Story, kind: str, warning: str
) -> None:
    shared = story.share(kind=kind, name="Ada Example", purpose="legal")
    assert warning in words_of(Consent.objects.get(pk=shared.consent_id))
    assert story.as_guest(shared, open_share(shared)) == 200


def test_your_own_doctor_needs_no_such_warning_but_a_consent_all_the_same(story: Story) -> None:
    shared = story.share(kind="clinician")
    assert "Medical secrecy may not bind" not in words_of(Consent.objects.get())
    assert story.as_guest(shared, open_share(shared)) == 200
