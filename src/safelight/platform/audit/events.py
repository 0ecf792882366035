"""What does the record say about itself?"""

from __future__ import annotations

from enum import StrEnum


class AuditEvent(StrEnum):
    """Things that happen to the trail. Values are stable codes."""

    READ = "audit.read"
    EXPORTED = "audit.exported"
    PERSON_SOUGHT = "audit.person-sought"
    DETAIL_OPENED = "audit.detail_opened"
    CHECKPOINT_SIGNED = "checkpoint.signed"
    WITNESSED = "checkpoint.witnessed"
    WITNESS_SILENT = "checkpoint.witness-silent"
    WITNESS_REFUSED = "checkpoint.witness-refused"


class Outcome(StrEnum):
    """How an act ended."""

    OK = "ok"
    DENIED = "denied"
    FAILED = "failed"
