"""What may this room write into the record?"""

from __future__ import annotations

from enum import StrEnum


class AccessEvent(StrEnum):
    """Facts about access that somebody changed, in the past tense."""

    GROUP_MADE = "access.group-made"
    MEMBER_ADMITTED = "access.group-member-admitted"
    MEMBER_DISMISSED = "access.group-member-dismissed"
    SENSITIVE_MARKED = "access.sensitive-marked"
