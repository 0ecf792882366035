"""What may this room write into the record?"""

from __future__ import annotations

from enum import StrEnum


class ReviewEvent(StrEnum):
    """Past tense; the values are stable."""

    PICKED = "review.picked"
    LISTED = "review.listed"
    DECIDED = "review.decided"
    PERSON_MARKED = "review.person-marked"
    PERSON_UNMARKED = "review.person-unmarked"
    WATCHED_LISTED = "review.watched-listed"
