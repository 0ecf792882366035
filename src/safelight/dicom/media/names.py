"""How is the name of a file in an archive shown, and which does no honest tool write?"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_LONGEST_LABEL: Final = 200
_HIDDEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_DRIVE: Final = re.compile(r"[A-Za-z]:")


def shown(name: str) -> str:
    """Return a name as people may see it: no control or direction characters, not too long."""
    plain = _HIDDEN.sub("\N{REPLACEMENT CHARACTER}", unicodedata.normalize("NFC", name))
    plain = plain.encode("utf-8", "replace").decode("utf-8")
    return plain if len(plain) <= _LONGEST_LABEL else "\N{HORIZONTAL ELLIPSIS}" + plain[-199:]


def is_odd_name(name: str) -> bool:
    """Say whether an archive's name for a file is one that no honest tool writes."""
    parts = name.replace("\\", "/").split("/")
    climbs = ".." in parts or name.startswith(("/", "\\")) or _DRIVE.match(name) is not None
    return (
        climbs
        or _CONTROL.search(name) is not None
        or any(_RESERVED.fullmatch(part.rstrip(" .")) for part in parts)
    )
