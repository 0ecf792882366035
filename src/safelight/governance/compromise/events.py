"""What may this room write into the record?"""

from __future__ import annotations

from enum import StrEnum


class CompromiseEvent(StrEnum):
    """Past tense; the values are stable."""

    ASKED = "compromise.asked"
    REPORTED = "compromise.reported"
    HOLD_BEGUN = "compromise.hold-begun"
    HOLD_STOPPED = "compromise.hold-stopped"
    IDENTITY_PROVED = "compromise.identity-proved"
    RECOVERED = "compromise.recovered"
    RECOVERY_REFUSED = "compromise.recovery-refused"
    SHARE_OWNED = "compromise.share-owned"
