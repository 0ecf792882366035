"""What may this room write into the record?"""

from __future__ import annotations

from enum import StrEnum


class RightsEvent(StrEnum):
    """Past tense; the values are stable."""

    ASKED = "rights.asked"
    ENTERED = "rights.entered"
    LISTED = "rights.listed"
    READ = "rights.read"
    MOVED = "rights.moved"
    LETTER_SENT = "rights.letter-sent"
    WITHDRAWN = "rights.withdrawn"
    AUTHORITY_CHANGED = "rights.authority-changed"
