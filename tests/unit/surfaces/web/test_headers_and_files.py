"""What do pages and static files say about who may load, frame and keep them?"""

from __future__ import annotations

import pytest
from django.conf import LazySettings as Settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.templatetags.static import static
from django.test import Client

from safelight.surfaces.web.headers import PAGE_POLICY, SecurityHeaders, policy
from safelight.surfaces.web.static_files import is_named_by_content


def _answered(response: HttpResponse) -> HttpResponse:
    return SecurityHeaders(lambda _: response)(HttpRequest())


def _got(address: str) -> HttpResponseBase:
    answer = Client().get(address)
    # Read to its end, as a browser does, it closes itself; closing it by hand would
    # also close the databases, which these tests may not touch.
    assert answer.getvalue()
    return answer


def test_a_page_loads_only_from_us_and_nobody_may_frame_or_keep_it() -> None:
    page = _answered(HttpResponse())

    assert page["Content-Security-Policy"] == PAGE_POLICY
    assert "default-src 'none'" in PAGE_POLICY
    assert "unsafe" not in PAGE_POLICY
    assert "frame-ancestors 'none'" in PAGE_POLICY
    assert page["Cache-Control"] == "no-store"
    assert page["X-Content-Type-Options"] == "nosniff"
    assert page["Cross-Origin-Opener-Policy"] == "same-origin"
    assert page["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in page["Permissions-Policy"]


def test_a_view_that_needs_more_keeps_its_own_policy() -> None:
    wider = policy(script_src="'wasm-unsafe-eval'")
    page = _answered(HttpResponse(headers={"Content-Security-Policy": wider}))

    assert "script-src 'self' 'wasm-unsafe-eval'" in page["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("base", "expected"),
    [("https://images.example", True), ("http://localhost:8000", False)],
)
def test_only_a_place_on_https_asks_for_https_for_ever(
    settings: Settings, base: str, *, expected: bool
) -> None:
    settings.SAFELIGHT_PUBLIC_URL = base

    assert _answered(HttpResponse()).has_header("Strict-Transport-Security") is expected


def test_a_file_named_by_its_content_may_be_kept_for_ever() -> None:
    address = static("css/tokens.css")
    answer = _got(address)

    assert is_named_by_content(address)
    assert answer.status_code == 200
    assert "immutable" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"].startswith("text/css")


def test_the_plain_name_is_asked_for_again_each_time() -> None:
    answer = _got("/static/css/tokens.css")

    assert answer.status_code == 200
    assert answer["Cache-Control"] == "max-age=0, public"


def test_a_page_cannot_name_a_file_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        static("css/no-such-file.css")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/static/build/assets/viewer-B1x_ab2C.js", True),
        ("/static/icons.0123456789ab.svg", True),
        ("/static/build/manifest.json", False),
        ("/static/icons.svg", False),
    ],
)
def test_what_counts_as_named_by_content(address: str, *, expected: bool) -> None:
    assert is_named_by_content(address) is expected
