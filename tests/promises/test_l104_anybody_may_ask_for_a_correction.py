"""L104: a correction may be asked for by anybody, wherever they live."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cast import make_person
from powers import browser_for
from safelight.governance.rights.models import RightsRequest
from safelight.kernel.ids import to_text
from safelight.records.accounts.models import Kind

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])


@pytest.mark.parametrize("country", ["", "DE", "US", "BR", "IN"])
def test_no_country_bars_a_correction(country: str) -> None:
    browser = browser_for(make_person("Olga Owner", Kind.INDIVIDUAL))
    said = {"words": "My name has two t", "country": country, "act": "confirm"}
    assert browser.post(f"{reverse('right-ask')}?kind=correction", said).status_code == 302
    row = RightsRequest.objects.get()
    page = browser.get(reverse("right", args=[to_text(row.pk)])).content.decode()
    assert "You have an answer by" in page
