"""Passkeys in real Chromium, with the browser's own virtual authenticator."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect, sync_playwright

from safelight.governance.compliance.actions import Circumstances, accept
from safelight.governance.compliance.queries import current_statement
from safelight.kernel import clock
from safelight.records.accounts.models import Account, Authorization, Session
from safelight.surfaces.web.static_files import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page, Route
    from pytest_django import Settings
    from pytest_django.live_server_helper import LiveServer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
]

PASSWORD = "a quiet room full of lamps"
ADDRESS = "ada.owner@example.org"


@pytest.fixture
def page(
    live_server: LiveServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Page]:
    """Open a page of the live server."""
    # The browser's driver runs an event loop in this thread, beside our own queries.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    settings.SAFELIGHT_PUBLIC_URL = live_server.url
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        opened = browser.new_context(base_url=live_server.url).new_page()
        opened.route("**/static/**", _from_disk)
        yield opened
        browser.close()


def _with_authenticator(page: Page, transport: str) -> None:
    control = page.context.new_cdp_session(page)
    control.send("WebAuthn.enable")
    control.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": transport,
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
            }
        },
    )


def _sign_in(page: Page, owner: Account) -> None:
    current = current_statement(at=clock.now()).number
    accept(owner, current, Circumstances("", ""), at=clock.now())
    page.goto("/account/sign-in/")
    page.get_by_label("E-mail address").fill(ADDRESS)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def _from_disk(route: Route) -> None:
    # Django's test server answers for /static/ itself, before any middleware of ours.
    name = route.request.url.partition("/static/")[2]
    path = ROOT / re.sub(r"\.[0-9a-f]{12}(?=\.\w+$)", "", name)
    if path.is_file():
        route.fulfill(path=path)
    else:
        route.abort()


def test_a_passkey_is_made_signs_in_and_confirms(page: Page, owner: Account) -> None:
    _with_authenticator(page, "internal")
    _sign_in(page, owner)
    page.goto("/account/security/factors/add/")
    page.get_by_role("link", name="Make a passkey").click()
    page.get_by_label("Name").fill("My laptop")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", name="Write these down")).to_be_visible()

    page.goto("/account/security/")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "sign-in" not in url)
    assert Session.objects.get(account=owner).aal == 2

    page.goto("/account/security/codes/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Write these down")).to_be_visible()


def test_a_security_key_is_added_named_and_confirms(page: Page, owner: Account) -> None:
    _with_authenticator(page, "usb")
    _sign_in(page, owner)
    page.goto("/account/security/factors/add/")
    page.get_by_role("link", name="Use a security key").click()
    page.get_by_label("Name").fill("On my key ring")
    page.get_by_role("button", name="Add the key").click()
    expect(page.get_by_role("heading", name="Write these down")).to_be_visible()

    page.goto("/account/security/")
    expect(page.get_by_text("Hardware security key")).to_be_visible()
    page.goto("/account/security/codes/")
    page.get_by_role("button", name="Use your security key").click()
    expect(page.get_by_role("heading", name="Write these down")).to_be_visible()
    assert [each.method for each in Authorization.objects.all()] == ["security-key"]
