"""Is anything taken in or removed while the instance is only read, or is being put back?"""

from __future__ import annotations

from typing import Final

from django.db import OperationalError
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from safelight.exchange.access.errors import ClosedForNowError
from safelight.exchange.access.mode import require_writable
from safelight.surfaces.dicomweb.problems import on_database_trouble, problem
from safelight.surfaces.dicomweb.work import in_thread

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class KeepMode:
    """Answers for the services that write, before a byte of what was sent is read."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http" and scope["method"] not in _SAFE:
            try:
                await in_thread(require_writable)
            except ClosedForNowError as closed:
                await problem(closed)(scope, receive, send)
                return
            except OperationalError as trouble:
                answer = await on_database_trouble(Request(scope), trouble)
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)
