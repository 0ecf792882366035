"""L109: what is denied is denied in writing, with its ground, and never before."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cast import make_person
from powers import browser_for, make_runner
from safelight.governance.rights.models import RightsRequest
from safelight.kernel.ids import to_text
from safelight.records.accounts.models import Kind, StaffRole

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.mark.parametrize("kind", ["access", "correction"])
def test_a_denial_without_a_letter_is_refused(kind: str) -> None:
    browser = browser_for(make_person("Olga Owner", Kind.INDIVIDUAL))
    said = {"words": "All of it", "country": "US", "act": "confirm"}
    browser.post(f"{reverse('right-ask')}?kind={kind}", said)
    row = RightsRequest.objects.get()
    official = browser_for(make_runner("Paula Official", StaffRole.PRIVACY_OFFICIAL).person)
    act = reverse("operator-right-act", args=[to_text(row.pk)])
    for step in ("identity_check", "in_progress"):
        assert official.post(act, {"act": step}).status_code == 302
    deny = {"act": "denied", "ground": "not-ours"}
    assert official.post(act, deny).status_code == 409
    assert official.post(act, {"act": "letter", "words": "Ask the hospital."}).status_code == 302
    assert official.post(act, deny).status_code == 302
    page = browser.get(reverse("right", args=[to_text(row.pk)])).content.decode()
    assert "Ask the hospital." in page
    assert "Somebody else made it, and can be asked" in page
    assert "Who hears complaints about us" in page
