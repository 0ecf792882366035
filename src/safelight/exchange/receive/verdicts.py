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
OTHER_OBJECT = "other-than-announced"
STORAGE_FULL = "storage-full"
KEPT_DAMAGED = "kept-damaged"
TRUNCATED = "truncated"
CHANGED = "changed-on-the-way"
NOT_THE_HOLDER = "not-the-account-holder"

SENTENCES = {
    KEPT_DAMAGED: "What is kept of this one is damaged. Keep yours, and ask who runs this place.",
    STORAGE_FULL: "There is no room left here. Nothing of this one was kept; try again later.",
    TRUNCATED: "The transfer ended in the middle of this object. Send it again.",
    CHANGED: "This file is not what left your computer. Send it again.",
    OTHER_STUDY: "This object belongs to another study than the one it was sent to.",
    OTHER_OBJECT: "This object is not the one that it was announced as. Send it again.",
    "other-bytes-under-a-known-uid": (
        "A different picture with the same number is already here. Nothing was overwritten; "
        "this one waits until somebody has compared the two."
    ),
    "other-patient-in-the-study": (
        "This picture says it belongs to the same exam but to another person. "
        "It waits until somebody has looked at it."
    ),
    "other-person-in-the-record": (
        "Somebody else has the patient number in this picture. It is in no record and waits "
        "until the imaging desk has said whose it is."
    ),
    NOT_THE_HOLDER: "The name in this picture is not yours. Say whose it is, or leave it out.",
}


@dataclass(frozen=True, slots=True)
class Names:
    """The UIDs an object gives itself; empty where it was not readable."""

    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    study_instance_uid: str = ""
    series_instance_uid: str = ""


NAMELESS = Names()


@dataclass(frozen=True, slots=True)
class Verdict:
    """One item's outcome. `item` is the sender's own number for it, from 0."""

    item: int
    ruling: Ruling
    reason: str = ""
    sentence: str = ""
    names: Names = NAMELESS
    study_id: UUID | None = None
    series_id: UUID | None = None
    is_new_study: bool = False
