"""What may be written into the record about who takes an exam on?"""

from __future__ import annotations

from enum import StrEnum


class InboxEvent(StrEnum):
    """Past tense; the values are stable."""

    ASSIGNED = "inbox.assigned"
    UNASSIGNED = "inbox.unassigned"
