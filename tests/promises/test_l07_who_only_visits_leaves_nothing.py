"""L7: using means accepting, once one registers; who only visits leaves nothing of themselves."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from accepting import CURRENT
from safelight.governance.compliance.models import Acceptance

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])

VISITED = ("/", "/statement/", "/statement/1/", f"/statement/{CURRENT}/changes/", "/openapi.json")


def rows() -> dict[str, int]:
    return {
        model._meta.label: model._base_manager.count()
        for model in apps.get_models()
        if model._meta.managed and model._meta.app_label != "keys"
    }


def test_a_visit_is_no_acceptance_and_writes_no_row_and_no_cookie() -> None:
    browser = Client(
        headers={"User-Agent": "Visitor's own browser", "Referer": "https://x.example"}
    )
    before = rows()
    for page in VISITED:
        answer = browser.get(page, follow=True)
        assert answer.status_code == 200, page
    assert rows() == before
    kept = {name for name in browser.cookies if "csrf" not in name.lower()}
    assert not kept


def test_what_registers_is_asked_on_the_page_that_registers() -> None:
    page = Client().get(reverse("register")).content.decode()
    assert f"/statement/{CURRENT}/" in page
    assert not Acceptance.objects.exists()
