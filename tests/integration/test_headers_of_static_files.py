"""What do our own styles and scripts say to the browser, and what does a trick with a path get?"""

from __future__ import annotations

import pytest
from django.conf import LazySettings as Settings
from django.test import Client

from safelight.config import settings as ours
from safelight.surfaces.web.static_files import ROOT, hashed_name

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

PLAIN = "css/dense.css"
METHODS = ("GET", "HEAD", "OPTIONS", "POST")
FOR_EVER = "max-age=315360000, public, immutable"
TRICKS = [
    "css/../../urls.py",
    "../urls.py",
    "%2e%2e/urls.py",
    "..%2furls.py",
    "%252e%252e/urls.py",
    "css/..%5c..%5curls.py",
    "//etc/passwd",
    "/etc/passwd",
    "css/dense.css/",
    "css/dense.css%00.js",
    "css/.%00./urls.py",
    "css/",
    "",
]


@pytest.fixture
def browser(settings: Settings) -> Client:
    settings.SAFELIGHT_PUBLIC_URL = "https://images.example"
    settings.ALLOWED_HOSTS = ["images.example"]
    return Client(raise_request_exception=False, headers={"Host": "images.example"})


def told(browser: Client, method: str, address: str) -> tuple[int, dict[str, str], bytes]:
    answer = browser.generic(method, f"/static/{address}", secure=True)
    return answer.status_code, {k.lower(): v for k, v in answer.items()}, answer.getvalue()


def faults(said: dict[str, str]) -> list[str]:
    due = {
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "strict-transport-security": "max-age=31536000; includeSubDomains",
    }
    wrong = [name for name, value in due.items() if said.get(name) != value]
    policy = said.get("content-security-policy", "")
    if "default-src 'none'" not in policy or "frame-ancestors 'none'" not in policy:
        wrong.append(f"policy {policy!r}")
    never = ("set-cookie", "access-control-allow-origin", "server", "x-powered-by")
    return wrong + [name for name in never if name in said]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", [PLAIN, hashed_name(PLAIN)], ids=["plain", "by-content"])
def test_a_file_that_is_there_is_given_and_never_framed(
    browser: Client, method: str, name: str
) -> None:
    status, said, body = told(browser, method, name)
    assert faults(said) == []
    is_read = method in {"GET", "HEAD"}
    assert (status == 200) is is_read
    assert status in {200, 404, 405}
    if is_read:
        assert said["content-type"] == 'text/css; charset="utf-8"'
        assert said["cache-control"] == ("max-age=0, public" if name == PLAIN else FOR_EVER)
    assert body == ((ROOT / PLAIN).read_bytes() if method == "GET" else b"") or not is_read


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["none.css", "css/dense.000000000000.css", *TRICKS])
def test_nothing_else_is_and_the_refusal_is_as_guarded(
    browser: Client, method: str, name: str
) -> None:
    status, said, body = told(browser, method, name)
    assert status in {301, 400, 404, 405}
    assert faults(said) == []
    assert "immutable" not in said.get("cache-control", "")
    assert b"urlpatterns" not in body
    assert b"root:" not in body


def test_what_the_tricks_aim_at_is_there() -> None:
    """Were it not, the refusals above would say nothing."""
    assert (ROOT.parent / "urls.py").read_text().count("urlpatterns")
    assert ours.STATIC_URL == "/static/"
