"""What may this room write into the record?"""

from __future__ import annotations

from enum import StrEnum


class KeyEvent(StrEnum):
    """Past tense; the values are stable."""

    ROTATION_BEGAN = "key.rotation-began"
    ROTATED = "key.rotated"
    PAST_ENDED = "key.past-ended"
    VERIFIED = "key.verified"
    LISTED = "key.listed"
    EXPORTED = "key.exported"
    IMPORTED = "key.imported"
    CERTIFIED = "key.destruction-certified"
