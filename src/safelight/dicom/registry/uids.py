"""What is a valid unique identifier, and how do we make one? (PS3.5 section 9)"""

from __future__ import annotations

import re
import secrets
from typing import Final

LONGEST: Final = 64
_UUID_ROOT: Final = "2.25."
_FORM: Final = re.compile(r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))*", re.ASCII)
_TOLERATED: Final = re.compile(r"[0-9]+(?:\.[0-9]+)+", re.ASCII)


def is_valid_uid(text: str) -> bool:
    """Say whether `text` is a UID by the letter of PS3.5 section 9.1."""
    return len(text) <= LONGEST and _FORM.fullmatch(text) is not None


def is_usable_uid(text: str) -> bool:
    """Say whether `text` can serve as a UID.

    Components with leading zeros are against the Standard but are written by
    devices in use; they harm nothing, and a person's exam is not refused for them.
    """
    return len(text) <= LONGEST and _TOLERATED.fullmatch(text) is not None


def new_uid() -> str:
    """Return a fresh UID made of 122 random bits of a version 4 UUID (PS3.5 annex B.2)."""
    bits = secrets.randbits(128)
    bits = bits & ~(0xF << 76) | (0x4 << 76)
    bits = bits & ~(0x3 << 62) | (0x2 << 62)
    return f"{_UUID_ROOT}{bits}"
