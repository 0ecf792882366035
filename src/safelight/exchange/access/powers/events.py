"""What do acts that need two people write into the record?"""

from __future__ import annotations

from enum import StrEnum


class PowerEvent(StrEnum):
    """What was asked, approved, used, opened and reviewed, in the past tense."""

    APPROVAL_ASKED = "approval.asked"
    APPROVAL_GIVEN = "approval.given"
    APPROVAL_REFUSED = "approval.refused"
    APPROVAL_CANCELLED = "approval.cancelled"
    APPROVAL_LAPSED = "approval.lapsed"
    APPROVAL_USED = "approval.used"
    APPROVALS_LISTED = "approval.listed"
    ELEVATION_BEGAN = "elevation.began"
    ELEVATION_ENDED = "elevation.ended"
    ELEVATION_REVIEWED = "elevation.reviewed"
    GLASS_BROKEN = "break-glass.opened"
    GLASS_ENDED = "break-glass.ended"
    GLASS_REFUSED = "break-glass.refused"
    GLASS_REVIEWED = "break-glass.reviewed"
    NOTICE_HELD = "break-glass.notice-held"
    OWNER_TOLD = "break-glass.owner-told"
    REVIEWS_READ = "break-glass.reviews-read"
