"""What may this room write into the record?"""

from __future__ import annotations

from enum import StrEnum


class AccessEvent(StrEnum):
    """Facts about access that somebody changed, in the past tense."""

    GROUP_MADE = "access.group-made"
    MEMBER_ADMITTED = "access.group-member-admitted"
    MEMBER_DISMISSED = "access.group-member-dismissed"
    SENSITIVE_MARKED = "access.sensitive-marked"
    HELPER_INVITED = "access.helper-invited"
    REPRESENTATIVE_ASKED = "access.representative-asked"
    EVIDENCE_ADDED = "access.evidence-added"
    EVIDENCE_READ = "access.evidence-read"
    REPRESENTATIVE_CHECKED = "access.representative-checked"
    REPRESENTATIVE_BEGAN = "access.representative-began"
    REPRESENTATIVE_REFUSED = "access.representative-refused"
    REPRESENTATIVE_DISPUTED = "access.representative-disputed"
    DISPUTE_SETTLED = "access.dispute-settled"
    REPRESENTATIVE_BLOCKED = "access.representative-blocked"
    REPRESENTATIVE_ENDED = "access.representative-ended"
