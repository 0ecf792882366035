"""What may a log line say of a fault or a refusal? Its class and its place, never its text.

The text of an exception, and the path of a request, may hold a value somebody
sent: a name, a UID, an address.
"""

from __future__ import annotations

import logging
import traceback
from typing import Final

from django.http import HttpRequest

from safelight.platform.operating.lines import CLEAN
from safelight.platform.operating.meters import METHODS, OTHER

# Whoever logs the faults of a request with their whole text: Django, and the server.
_TALKERS: Final = ("django.request", "django.security.csrf", "uvicorn.error", "a2wsgi")


class PlaceOnly(logging.Filter):
    """Puts class and place of a record's exception, and a request's route, where texts would be."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without the text of an exception or a path."""
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest):
            match = request.resolver_match
            route = f"/{match.route}" if match else "an address that is none"
            status = getattr(record, "status_code", "refused")
            method = request.method if request.method in METHODS else OTHER
            record.msg, record.args = f"{status} {method} {route}", ()
            setattr(record, CLEAN, True)
        if record.exc_info:
            kind, _, frames = record.exc_info
            places = [f"{each.filename}:{each.lineno}" for each in traceback.extract_tb(frames)]
            name = kind.__name__ if kind else "fault"
            record.msg = f"{record.getMessage()}: {name} at {' < '.join(reversed(places))}"
            record.args = ()
            record.exc_info = record.exc_text = None
            setattr(record, CLEAN, True)
        return True


def keep_texts_out() -> None:
    """Let no text of an exception into the log; again is harmless."""
    for name in _TALKERS:
        logger = logging.getLogger(name)
        if not any(isinstance(each, PlaceOnly) for each in logger.filters):
            logger.addFilter(PlaceOnly())
    # Django names a logger after each kind of suspicious request; they all end up here.
    last = logging.lastResort
    if last is not None and not any(isinstance(each, PlaceOnly) for each in last.filters):
        last.addFilter(PlaceOnly())
