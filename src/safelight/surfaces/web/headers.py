"""What may a page load, who may frame it, and who may keep it?

One strict answer for every page. A view that needs more (a decoder that runs in
a worker) sets its own policy with `policy`, and it is left as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

_SOURCES: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "font-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}
_A_YEAR: Final = 365 * 24 * 3600


def policy(**more: str) -> str:
    """Return the content security policy, with sources added, e.g. `script_src="'wasm-…'"`."""
    sources = dict(_SOURCES)
    for name, source in more.items():
        directive = name.replace("_", "-")
        sources[directive] = f"{sources.get(directive, '')} {source}".strip()
    return "; ".join(f"{directive} {source}" for directive, source in sources.items())


PAGE_POLICY: Final = policy()
STATIC_HEADERS: Final = {
    "Content-Security-Policy": PAGE_POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    # Not "no-referrer": with it, browsers send `Origin: null` with every form, and the
    # check against forged requests refuses them all. No other site learns more by this.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_HEADERS: Final = STATIC_HEADERS | {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), "
        "gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
    ),
}
_KEPT_IF_SET: Final = frozenset({"Content-Security-Policy"})


class SecurityHeaders:
    """Put the headers on every answer of a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.https = settings.SAFELIGHT_PUBLIC_URL.startswith("https://")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and say how the answer may be used."""
        response = self.get_response(request)
        for name, words in _HEADERS.items():
            if name not in _KEPT_IF_SET or not response.has_header(name):
                response[name] = words
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        if self.https:
            response["Strict-Transport-Security"] = f"max-age={_A_YEAR}; includeSubDomains"
        return response
