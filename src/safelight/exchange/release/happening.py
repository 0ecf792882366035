"""What does an owner read as one line of what was done with an exam?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing somebody did with an exam.

    `did` is "looked", "downloaded", "received" (was sent a copy), "shared", "took-back",
    "passed-on", "onward-ended", "tried" (to pass it on, and was refused), "elevated" or
    "broke-glass" (an access of some
    hours began, by two of the staff or in an emergency). `is_there` says that it was done with the
    copy that was sent there. `consent_at` is when the consent it rests
    on was given, if any; `cause` and its words are why somebody of the care team said that
    they opened it, or by which access of some hours; `by` is who passed it on, and
    `parent_id` the consent under which they did.
    """

    at: datetime
    who: str
    is_you: bool
    did: str
    study_id: UUID
    pictures: int
    consent_id: UUID | None
    consent_at: datetime | None
    by: str = ""
    parent_id: UUID | None = None
    cause: str = ""
    cause_words: str = ""
    is_there: bool = False
