"""What may this room write into the record?"""

from __future__ import annotations

from enum import StrEnum


class AccessEvent(StrEnum):
    """Facts about access that somebody changed, in the past tense."""

    GROUP_MADE = "access.group-made"
    MEMBER_ADMITTED = "access.group-member-admitted"
    MEMBER_DISMISSED = "access.group-member-dismissed"
    CARE_ENTERED = "access.care-entered"
    CARE_ENDED = "access.care-ended"
    CARE_LISTED = "access.care-listed"
    CARE_REASON = "access.care-reason"
    CLAIMS_LISTED = "access.claims-listed"
    CLAIM_READ = "access.claim-read"
    CLAIM_OFFERED = "access.claim-offered"
    CLAIM_MISSED = "access.claim-missed"
    CLAIM_ENDED = "access.claim-ended"
    RECORD_CLAIMED = "access.record-claimed"
    RECORD_UNLINKED = "access.record-unlinked"
    DEATHS_LISTED = "access.deaths-listed"
    DEATH_REPORTED = "access.death-reported"
    DEATH_NOTED = "access.death-noted"
    DEATH_UNDONE = "access.death-undone"
    SENSITIVE_MARKED = "access.sensitive-marked"
    HELPER_INVITED = "access.helper-invited"
    REPRESENTATIVES_LISTED = "access.representatives-listed"
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
