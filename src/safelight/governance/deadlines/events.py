"""What may this room write into the record?"""

from __future__ import annotations

from enum import StrEnum


class DeadlineEvent(StrEnum):
    """Past tense; the values are stable."""

    STARTED = "deadline.started"
    EXTENDED = "deadline.extended"
    PAUSED = "deadline.paused"
    RESUMED = "deadline.resumed"
    REMINDED = "deadline.reminded"
    MISSED = "deadline.missed"
    MET = "deadline.met"
