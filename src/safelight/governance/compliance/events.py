"""What can happen to the privacy statement, as the record says it."""

from __future__ import annotations

from enum import StrEnum


class ComplianceEvent(StrEnum):
    """Past tense; the values are stable."""

    STATEMENT_ACCEPTED = "statement.accepted"
