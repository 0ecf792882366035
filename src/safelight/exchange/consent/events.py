"""What may this room write into the record?"""

from __future__ import annotations

from enum import StrEnum


class ConsentEvent(StrEnum):
    """Things that happen to an agreement, in the past tense."""

    PRESENTED = "consent.presented"
    REFUSED = "consent.refused"
    GRANTED = "consent.granted"
    REVOKED = "consent.revoked"
    SUSPENDED = "consent.suspended"
    RESUMED = "consent.resumed"
    ASKED = "consent.asked-for"
    ASKING_VIEWED = "consent.asking-viewed"
    ASKING_DECLINED = "consent.asking-declined"
    ASKING_WITHDRAWN = "consent.asking-withdrawn"
