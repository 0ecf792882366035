"""L103: you are shown the authority of your own country, to complain to."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cast import make_person
from powers import browser_for
from safelight.governance.rights.models import RightsRequest
from safelight.kernel.ids import to_text
from safelight.records.accounts.models import Kind

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

SHOWN = {
    "AU": "Office of the Australian Information Commissioner",
    "DE": "edpb.europa.eu",
    "GB": "Information Commissioner",
    "US": "Office for Civil Rights",
}


@pytest.mark.parametrize("country", sorted(SHOWN))
def test_each_country_has_its_own(country: str) -> None:
    browser = browser_for(make_person("Olga Owner", Kind.INDIVIDUAL))
    said = {"words": "I am not content", "country": country, "act": "confirm"}
    browser.post(f"{reverse('right-ask')}?kind=complaint", said)
    row = RightsRequest.objects.get()
    page = browser.get(reverse("right", args=[to_text(row.pk)])).content.decode()
    assert SHOWN[country] in page
    if country != "AU":
        assert SHOWN["AU"] not in page
