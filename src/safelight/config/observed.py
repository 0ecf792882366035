"""What is noted of each request? Its route as it is written, how it ended, and how long it took.

Never its path, its query, its headers or who asked: the line and the counts that come of it
are the same whoever asks for whatever.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from safelight.platform.operating import lines, meters

logger = logging.getLogger("safelight.requests")
ROUTE: Final = "safelight.route"
NO_ROUTE: Final = "none"
STATIC: Final = "/static/"
_GONE: Final = 499  # the caller hung up before there was an answer
_OK: Final = 200
_FAULT: Final = 500
_Key = tuple[object, frozenset[str]]


class NameRoute:
    """Says outside of Django which route a request took."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and leave the route behind."""
        response = self.get_response(request)
        scope = request.META.get("asgi.scope")
        if scope is not None and request.resolver_match is not None:
            scope[ROUTE] = f"/{request.resolver_match.route}"
        return response


class Observed:
    """Notes each request to an application."""

    def __init__(self, app: ASGIApp, routes: list[BaseRoute]) -> None:
        self._app = app
        self._routes = dict(_templates(routes, ""))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and note it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = lines.REQUEST.set(secrets.token_hex(8))
        begun, status, sent = time.perf_counter(), 0, 0

        async def sending(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                sent += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception:
            status = status or _FAULT
            raise
        finally:
            seconds = time.perf_counter() - begun
            self._note(scope, status or _GONE, seconds, sent)
            lines.REQUEST.reset(told)

    def _note(self, scope: Scope, status: int, seconds: float, sent: int) -> None:
        route, method = self._route(scope), scope["method"]
        known = method if method in meters.METHODS else meters.OTHER
        if meters.is_on():
            asked = scope.get("path_params", {}).get("frames", "") if status == _OK else ""
            is_whole = asked and route.endswith("/frames/{frames}")
            frames = asked.count(",") + 1 if is_whole else 0
            meters.request_answered(route, known, status, seconds=seconds, sent=sent, frames=frames)
        level = logging.ERROR if status >= _FAULT else logging.INFO
        if logger.isEnabledFor(level):
            said = {
                "route": route,
                "method": known,
                "status": status,
                "ms": round(seconds * 1000, 1),
            }
            logger.log(level, "request", extra={lines.SAID: said})

    def _route(self, scope: Scope) -> str:
        named: str | None = scope.get(ROUTE)
        if named is not None:
            return named
        if (endpoint := scope.get("endpoint")) is not None:
            params = frozenset(scope.get("path_params", ()))
            return self._routes.get((endpoint, params), NO_ROUTE)
        return STATIC if scope["path"].startswith(STATIC) else NO_ROUTE


def _templates(routes: list[BaseRoute], above: str) -> Iterator[tuple[_Key, str]]:
    """Yield what tells a route after it was taken, and the address as it is written."""
    for route in routes:
        if isinstance(route, Mount):
            yield from _templates(list(route.routes), above + route.path)
        elif isinstance(route, Route):
            path = above + route.path
            yield (route.endpoint, _params(path)), path


def _params(path: str) -> frozenset[str]:
    parts: list[Any] = path.split("{")[1:]
    return frozenset(part.partition("}")[0].partition(":")[0] for part in parts)
