"""What may this room write into the record?"""

from __future__ import annotations

from enum import StrEnum


class TrailEvent(StrEnum):
    """Past tense; the values are stable."""

    SENDING_FAILED = "audit.sending-failed"
    SENDING_RESUMED = "audit.sending-resumed"
    SEARCH_SAVED = "audit.search-saved"
    SEARCH_DELETED = "audit.search-deleted"
