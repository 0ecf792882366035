"""Where does this request come from, in words a person understands?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from safelight.records.accounts.actions.begin_session import SignedIn, Visitor

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

DEVICE_COOKIE = "__Host-device"
_YEAR = 365 * 24 * 3600

# The first that a browser names wins: most also name those they imitate.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "a Mac"),
    ("CrOS", "a Chromebook"),
    ("Linux", "Linux"),
)


def visitor_of(request: HttpRequest) -> Visitor:
    """Return what signing in needs to know of a request."""
    return Visitor(
        source=source_of(request),
        device=device_words(request.headers.get("User-Agent", "")),
        device_key=request.COOKIES.get(DEVICE_COOKIE, ""),
    )


def source_of(request: HttpRequest) -> str:
    """Return the network address a request comes from; a trusted proxy has set it before."""
    return str(request.META.get("REMOTE_ADDR", ""))


def device_words(user_agent: str) -> str:
    """Name a browser and a system, such as "Firefox on Windows"."""
    browser = next((words for mark, words in _BROWSERS if mark in user_agent), "A browser")
    system = next((words for mark, words in _SYSTEMS if mark in user_agent), "an unknown device")
    return f"{browser} on {system}"


def remember_device(response: HttpResponse, signed_in: SignedIn) -> None:
    """Let the browser keep the key by which it is known again."""
    response.set_cookie(
        DEVICE_COOKIE,
        signed_in.device_key,
        max_age=_YEAR,
        secure=True,
        httponly=True,
        samesite="Lax",
    )
