"""How does the caller want a picture to look? (PS3.18 section 8.3.5)"""

from __future__ import annotations

import re
from typing import Final

from safelight.dicom.reasons import UnreadableError
from safelight.dicom.voi import VoiFunction, VoiWindow
from safelight.surfaces.dicomweb.refusals import BadParameterError

_DECIMAL: Final = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")
_QUALITY: Final = re.compile(r"[1-9][0-9]?|100")
_LONGEST_SIDE: Final = 8192
_USUAL_QUALITY: Final = 90
_SIDES: Final = 2


def viewport(text: str) -> tuple[int, int] | None:
    """Read the width and height that a picture must fit into; None where nothing is said.

    Raises:
        BadParameterError: not two sides from 1 to 8192.
    """
    if not text:
        return None
    sides = [int(float(part)) for part in text.split(",")[:_SIDES] if _DECIMAL.fullmatch(part)]
    if len(sides) != _SIDES or not all(1 <= side <= _LONGEST_SIDE for side in sides):
        raise BadParameterError("viewport", "Give a width and a height from 1 to 8192 pixels.")
    return sides[0], sides[1]


def window(text: str) -> VoiWindow | None:
    """Read a center, a width and a function; None where nothing is said.

    Raises:
        BadParameterError: they are no window.
    """
    if not text:
        return None
    center, _, rest = text.partition(",")
    width, _, function = rest.partition(",")
    named = (function or "linear").upper().replace("-", "_")
    numbers = _DECIMAL.fullmatch(center) and _DECIMAL.fullmatch(width)
    try:
        if numbers and named in set(VoiFunction):
            return VoiWindow(float(center), float(width), VoiFunction(named))
    except UnreadableError:
        pass
    raise BadParameterError("window", "Give a center, a width and a function.")


def quality(text: str) -> int:
    """Read how well a picture is to be kept, from 1 to 100.

    Raises:
        BadParameterError: it is no such number.
    """
    if not text:
        return _USUAL_QUALITY
    if not _QUALITY.fullmatch(text):
        raise BadParameterError("quality", "Quality goes from 1 to 100.")
    return int(text)
