"""What is recorded about background work?"""

from __future__ import annotations

from enum import StrEnum


class JobEvent(StrEnum):
    """Acts upon dead letters. Values are stable codes."""

    DIED = "job.died"
    REQUEUED = "job.requeued"
    DISCARDED = "job.discarded"
