"""What can happen to the privacy statement, as the record says it."""

from __future__ import annotations

from enum import StrEnum


class ComplianceEvent(StrEnum):
    """Past tense; the values are stable."""

    STATEMENT_ACCEPTED = "statement.accepted"
    STATEMENT_DECLINED = "statement.declined"
    DRAFT_READ = "statement.draft-read"
    DRAFT_WRITTEN = "statement.draft-written"
    DRAFT_REVIEWED = "statement.reviewed"
    DRAFT_DROPPED = "statement.draft-dropped"
    STATEMENT_PUBLISHED = "statement.published"
