"""How do Django and the byte paths stand side by side in one process?

DICOMweb and uploads go to Starlette, everything else to Django as a WSGI
application with a thread a response: Django's own ASGI handler is several times
slower (measured; see the decision on frameworks).
"""

from __future__ import annotations

import os
from typing import Any, cast

import django
from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application
from starlette.types import ASGIApp, Receive, Scope, Send

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safelight.config.settings")
django.setup()

from safelight.config.faults import keep_texts_out  # noqa: E402 (Django must be set up first)
from safelight.config.lifespan import closing_down  # noqa: E402 (Django must be set up first)
from safelight.config.observed import Observed  # noqa: E402 (the same)
from safelight.surfaces.dicomweb.app import app as dicomweb  # noqa: E402 (the same)

_BYTE_PATHS = ("/dicomweb/", "/uploads/")
_THREADS = 16


def application() -> ASGIApp:
    """Return the whole product as one ASGI application."""
    keep_texts_out()
    # a2wsgi and Starlette describe the same interface in types of their own.
    pages = cast("ASGIApp", WSGIMiddleware(cast("Any", get_wsgi_application()), workers=_THREADS))

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await closing_down(receive, send)
        elif scope["type"] != "http":
            return
        elif (scope["path"] + "/").startswith(_BYTE_PATHS):
            await dicomweb(scope, receive, send)
        else:
            await pages(scope, receive, send)

    return Observed(dispatch, list(dicomweb.routes))
