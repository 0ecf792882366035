"""What may this room write into the record?"""

from __future__ import annotations

from enum import StrEnum


class ReceiveEvent(StrEnum):
    """Things that happen at the door, in the past tense."""

    BATCH_STARTED = "intake.started"
    TAKEN_IN = "intake.taken"
    KNOWN = "intake.known"
    REFUSED = "intake.refused"
    BATCH_FINISHED = "intake.finished"
