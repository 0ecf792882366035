"""What may be written into the record about papers that patients signed?"""

from __future__ import annotations

from enum import StrEnum


class PaperEvent(StrEnum):
    """Past tense; the values are stable."""

    LISTED = "paper.listed"
    OPENED = "paper.opened"
    RECORDED = "paper.recorded"
    CONFIRMED = "paper.confirmed"
    COMPARED = "paper.compared"
    REFUSED = "paper.refused"
    READ = "paper.read"
