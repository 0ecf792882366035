"""Is the server up, and is it ready? Answers that say nothing about anyone."""

from __future__ import annotations

from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from safelight.platform.keys.ring import ring


@require_safe
def alive(_request: HttpRequest) -> HttpResponse:
    """Say that the process answers."""
    return HttpResponse("alive\n", content_type="text/plain; charset=utf-8")


@require_safe
def ready(_request: HttpRequest) -> HttpResponse:
    """Say that databases and keys can be used; anything else is an error of the server."""
    for alias in ("default", "keys"):
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
    ring().instance_key("start-check")
    return HttpResponse("ready\n", content_type="text/plain; charset=utf-8")
