"""What is a line of the log? One event as JSON, without a word that somebody else chose.

A value that came with a request or a file may be a name, a UID, or a line end that makes
one event look like two. So our own rooms log ids, codes and classes only; of what other
libraries log, the fixed words stay and what is filled into them does not; of an exception,
the class and the places. On a terminal the same is written as text.
"""

from __future__ import annotations

import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final, TextIO

import orjson

OURS: Final = "safelight"
CLEAN: Final = "is_clean"
"""Set on a record whose text a filter has made safe already."""
SAID: Final = "said"
"""Set on a record: what its line says beside the text, as keys and plain values."""
REQUEST: ContextVar[str] = ContextVar("safelight-request", default="")
LEVELS: Final = ("debug", "info", "warning", "error")
_LONGEST: Final = 1000
_MOST_PLACES: Final = 12


class UnknownLevelError(ValueError):
    """SAFELIGHT_LOG_LEVEL is debug, info, warning or error."""


class Lines(logging.Formatter):
    """Writes a record as one line: JSON, or text for a terminal."""

    def __init__(self, *, as_text: bool) -> None:
        super().__init__()
        self._as_text = as_text

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, whatever the record holds."""
        line = told(record)
        if not self._as_text:
            return orjson.dumps(line, default=str).decode()
        rest = " ".join(f"{name}={value}" for name, value in line.items() if name not in _IN_FRONT)
        text = f"{line['at']} {line['level']} {line['text']} {rest}".rstrip()
        return "".join(
            letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
        )


_IN_FRONT: Final = frozenset({"at", "level", "text"})


def told(record: logging.LogRecord) -> dict[str, Any]:
    """Return what a line says of a record."""
    at = datetime.fromtimestamp(record.created, UTC)
    line: dict[str, Any] = {
        "at": at.isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "text": _text(record)[:_LONGEST],
    }
    if request := REQUEST.get():
        line["request"] = request
    if record.exc_info and record.exc_info[0] is not None:
        kind, _, frames = record.exc_info
        line["exception"] = kind.__name__
        places = [f"{each.name}:{each.lineno}" for each in traceback.extract_tb(frames)]
        line["places"] = places[-_MOST_PLACES:]
    return line | getattr(record, SAID, {})


def begin(level: str, *, to: TextIO | None = None) -> None:
    """Let this process and those it starts write its log as lines from now on.

    Raises:
        UnknownLevelError: there is no such level.
    """
    if level not in LEVELS:
        raise UnknownLevelError(UnknownLevelError.__doc__)
    out = to or sys.stderr
    handler = logging.StreamHandler(out)
    handler.setFormatter(Lines(as_text=out.isatty()))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(logging.WARNING, level_of(level)))
    logging.getLogger(OURS).setLevel(level_of(level))
    logging.captureWarnings(capture=True)


def level_of(level: str) -> int:
    """Return the number that the logging module has for one of our levels."""
    return logging.getLevelNamesMapping()[level.upper()]


def _text(record: logging.LogRecord) -> str:
    if record.name == OURS or record.name.startswith(f"{OURS}.") or getattr(record, CLEAN, False):
        return record.getMessage()
    if record.args and isinstance(record.msg, str):
        return record.msg  # the words as the library's authors wrote them, nothing filled in
    return f"said at {record.module}:{record.lineno}"
