"""What may a browser make of our bytes? Nothing but what they are said to be."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; sandbox"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
)
_HTTPS_FOR_A_YEAR: Final = (
    b"strict-transport-security",
    b"max-age=31536000; includeSubDomains",
)


class Shield:
    """Adds to every answer that it is no page, runs nothing and belongs to this origin."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand around `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and shield its answer."""

        async def shielded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS]
                if settings.SAFELIGHT_PUBLIC_URL.startswith("https://"):
                    message["headers"].append(_HTTPS_FOR_A_YEAR)
            await send(message)

        await self._app(scope, receive, shielded)
