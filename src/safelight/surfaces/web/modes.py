"""What do the pages still do while the instance is only read, or is being put back?

Looking, signing in and ending what was given go on in read-only mode. While recovering,
an owner may look and take a copy, those that run the instance work, and the addresses of
links answer nobody: it is not known yet which of them still hold.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from safelight.exchange.access.errors import ClosedForNowError
from safelight.exchange.access.mode import Mode, mode_now, refuse_in

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OF_LINKS: Final = ("/s/", "/r/")
_OF_STAFF: Final = "operator"
_PROVING: Final = frozenset(
    {
        "sign-in",
        "sign-in-factor",
        "passkey-question",
        "passkey-answer",
        "sign-out",
        "end-session",
        "end-sessions",
        "accept-statement",
    }
)
_LOOKING: Final = frozenset({"exam-download", "trail-find", "trail-verify", "trail-export"})
_GUESTS: Final = frozenset({"share-open", "share-prove", "share-code", "shared-download"})
_ENDING: Final = frozenset(
    {
        "take-back",
        "share-pause",
        "upload-link-withdraw",
        "group-dismiss",
        "acting-end",
        "desk-care-end",
        "desk-claim-end",
    }
)
_GOES_ON: Final = {
    Mode.READ_ONLY: _PROVING | _LOOKING | _GUESTS | _ENDING | {"care-reason"},
    Mode.RECOVERING: _PROVING | _LOOKING,
}


class KeepMode:
    """Stand before every view: refuse what the mode does not allow, and say so on a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """Refuse the request, or let it pass on."""
        is_link = request.path.startswith(_OF_LINKS)
        # The API says it in its own words (api/manners.py).
        if request.path.startswith("/api/") or (request.method in _SAFE and not is_link):
            return None
        mode = mode_now()
        if _goes_on(request, mode, is_link=is_link):
            return None
        try:
            refuse_in(mode)
        except ClosedForNowError as closed:
            return _say(request, closed)
        return None


def _goes_on(request: HttpRequest, mode: Mode, *, is_link: bool) -> bool:
    if mode is Mode.NORMAL or (mode is Mode.READ_ONLY and request.method in _SAFE):
        return True
    name = (request.resolver_match.url_name if request.resolver_match else None) or ""
    if is_link and mode is Mode.RECOVERING:
        return False
    return name.startswith(_OF_STAFF) or name in _GOES_ON[mode]


def _say(request: HttpRequest, closed: ClosedForNowError) -> HttpResponse:
    context: dict[str, Any] = {"code": closed.code}
    page = render(request, "closed_for_now.html", context, status=int(closed.status))
    page["Retry-After"] = str(round(closed.retry_after.total_seconds()))
    page["Cache-Control"] = "no-store"
    return page
