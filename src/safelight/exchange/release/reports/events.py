"""What may be written into the record about reports that were written here?"""

from __future__ import annotations

from enum import StrEnum


class ReportEvent(StrEnum):
    """Past tense; the values are stable."""

    SIGNED = "report.signed"
