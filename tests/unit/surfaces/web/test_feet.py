"""Does the foot of a page name who runs this place, whom to ask, and that it is a demo?"""

from __future__ import annotations

import pytest
from django.conf import LazySettings as Settings
from django.test import Client

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def _foot(path: str) -> str:
    page = Client().get(path).content.decode()
    return page.partition('<footer class="foot">')[2]


@pytest.mark.parametrize("path", ["/", "/statement/", "/account/sign-in/", "/nowhere/"])
def test_the_foot_of_every_page_names_who_runs_it_and_whom_to_ask(
    settings: Settings, path: str
) -> None:
    settings.SAFELIGHT_OPERATOR = "Harbour Clinic"
    settings.SAFELIGHT_PRIVACY_CONTACT = "privacy@harbour.example"

    assert "run by Harbour Clinic" in _foot(path)
    assert '<a href="mailto:privacy@harbour.example">' in _foot(path)


def test_only_a_demo_says_that_it_is_one(settings: Settings) -> None:
    assert "This is a demo" not in _foot("/")
    settings.SAFELIGHT_DEMO = True
    assert "This is a demo" in _foot("/")
