"""What may this room write into the record?"""

from __future__ import annotations

from enum import StrEnum


class ClosingEvent(StrEnum):
    """Past tense; the values are stable."""

    INACTIVATED = "closing.inactivated"
    REACTIVATED = "closing.reactivated"
    CLOSED = "closing.closed"
