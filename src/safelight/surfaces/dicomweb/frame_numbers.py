"""Which frames does an address name? (PS3.18 10.4.1.1.2)"""

from __future__ import annotations

import re
from typing import Final

from safelight.surfaces.dicomweb.refusals import BadParameterError

_NUMBER: Final = re.compile(r"[0-9]{1,9}")
MOST_FRAMES: Final = 10_000


def frame_numbers(text: str) -> list[int]:
    """Read a list of frame numbers, which count from 1.

    Raises:
        BadParameterError: one is no such number, or there are more than 10,000.
    """
    parts = text.split(",")
    if len(parts) > MOST_FRAMES:
        raise BadParameterError("frames", "More than 10,000 frames were asked for at once.")
    if not all(_NUMBER.fullmatch(part) and int(part) for part in parts):
        raise BadParameterError("frames", "Frames are numbered from 1.")
    return [int(part) for part in parts]
