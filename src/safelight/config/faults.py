"""What may a log line say of a fault? Its class and where it happened, never its text.

The text of an exception may hold a value somebody sent: a name, a UID, an address.
"""

from __future__ import annotations

import logging
import traceback
from typing import Final

# Whoever logs the faults of a request with their whole text: Django, and the server.
_TALKERS: Final = ("django.request", "django.security", "uvicorn.error", "a2wsgi")


class PlaceOnly(logging.Filter):
    """Puts class and place of a record's exception where its text would be."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without the text of an exception."""
        if record.exc_info:
            kind, _, frames = record.exc_info
            places = [f"{each.filename}:{each.lineno}" for each in traceback.extract_tb(frames)]
            name = kind.__name__ if kind else "fault"
            record.msg = f"{record.getMessage()}: {name} at {' < '.join(reversed(places))}"
            record.args = ()
            record.exc_info = record.exc_text = None
        return True


def keep_texts_out() -> None:
    """Let no text of an exception into the log; again is harmless."""
    for name in _TALKERS:
        logger = logging.getLogger(name)
        if not any(isinstance(each, PlaceOnly) for each in logger.filters):
            logger.addFilter(PlaceOnly())
