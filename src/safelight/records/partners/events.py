"""What may this room write into the record?"""

from __future__ import annotations

from enum import StrEnum


class PartnerEvent(StrEnum):
    """What became of partners and connections, in the past tense."""

    PARTNER_ADDED = "partner.added"
    CONNECTION_ADDED = "connection.added"
    CONNECTION_CHANGED = "connection.changed"
    CONNECTION_OPENED = "connection.opened"
    CONNECTION_SUSPENDED = "connection.suspended"
    CONNECTION_CLOSED = "connection.closed"
    WORD_GIVEN = "connection.word-given"
    CONNECTION_TESTED = "connection.tested"
