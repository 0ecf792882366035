"""What is said about each thing that was sent?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Ruling(StrEnum):
    """What became of one item."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    REVIEW = "review"
    REFUSED = "refused"


OTHER_STUDY = "other-study-than-addressed"

SENTENCES = {
    OTHER_STUDY: "This object belongs to another study than the one it was sent to.",
    "other-bytes-under-a-known-uid": (
        "A different picture with the same number is already here. Nothing was overwritten; "
        "this one waits until somebody has compared the two."
    ),
    "other-patient-in-the-study": (
        "This picture says it belongs to the same exam but to another person. "
        "It waits until somebody has looked at it."
    ),
    "not-the-account-holder": (
        "The name or birth date in this picture is not yours. Say whose it is, or leave it out."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One item's outcome. `item` is the sender's own number for it, from 0."""

    item: int
    ruling: Ruling
    reason: str = ""
    sentence: str = ""
    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    study_instance_uid: str = ""
    series_instance_uid: str = ""
    study_id: UUID | None = None
    series_id: UUID | None = None
