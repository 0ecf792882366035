"""How does the caller want a picture to look? (PS3.18 section 8.3.5)"""

from __future__ import annotations

import re
from typing import Final

from starlette.datastructures import QueryParams

from safelight.dicom.pixels.picture import LONGEST_SIDE, PictureFormat, Region
from safelight.dicom.pixels.voi import VoiFunction, VoiWindow
from safelight.dicom.reasons import UnreadableError
from safelight.exchange.release.viewing.pictures import Rendering
from safelight.surfaces.dicomweb.refusals import BadParameterError

_DECIMAL: Final = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")
_QUALITY: Final = re.compile(r"[1-9][0-9]?|100")
_USUAL_QUALITY: Final = 90
_SIDES: Final = 2
_PARTS: Final = 6
_PROFILES: Final = frozenset({"", "no"})
ANNOTATIONS: Final = frozenset({"patient", "technique"})
"""What the Standard lets a caller want to be written into a picture. Nothing is here."""


def rendering(asked: QueryParams, picture: PictureFormat) -> Rendering:
    """Read how a picture is to be made.

    Raises:
        BadParameterError: a parameter cannot be understood, or asks for what is not done.
    """
    if asked.get("iccprofile", "") not in _PROFILES:
        raise BadParameterError("iccprofile", "Pictures carry no colour profile; ask for none.")
    return Rendering(
        picture=picture,
        viewport=viewport(asked.get("viewport", "")),
        region=region(asked.get("viewport", "")),
        window=window(asked.get("window", "")),
        quality=quality(asked.get("quality", "")),
        overlays=overlays(asked.get("overlays", "")),
    )


def viewport(text: str) -> tuple[int, int] | None:
    """Read the width and height that a picture must fit into; None where nothing is said.

    Raises:
        BadParameterError: not two sides from 1 to 8192.
    """
    if not text:
        return None
    sides = [int(float(part)) for part in text.split(",")[:_SIDES] if _DECIMAL.fullmatch(part)]
    if len(sides) != _SIDES or not all(1 <= side <= LONGEST_SIDE for side in sides):
        raise BadParameterError("viewport", "Give a width and a height from 1 to 8192 pixels.")
    return sides[0], sides[1]


def region(text: str) -> Region | None:
    """Read the part of the image that fills a viewport; None where all of it does.

    Raises:
        BadParameterError: not up to four numbers.
    """
    parts = text.split(",")[_SIDES:]
    if not parts:
        return None
    if len(parts) > _PARTS - _SIDES or not all(_DECIMAL.fullmatch(part or "0") for part in parts):
        raise BadParameterError("viewport", "Give a corner and two sides of the image's part.")
    numbers = [float(part) if part else None for part in parts]
    left, top, width, height = [*numbers, None, None, None, None][:4]
    if width == 0 or height == 0:
        raise BadParameterError("viewport", "The part of the image has no pixels.")
    return Region(left or 0.0, top or 0.0, width, height)


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


def overlays(text: str) -> bool:
    """Read whether drawings that an object holds are shown; they are unless told otherwise.

    Raises:
        BadParameterError: neither yes nor no.
    """
    if text not in {"", "yes", "no"}:
        raise BadParameterError("overlays", "Overlays are shown, or not: yes or no.")
    return text != "no"


def unsupported_annotations(text: str) -> str:
    """Return which annotations were asked for: none is drawn, and the answer says so.

    Raises:
        BadParameterError: the Standard knows no such annotation.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not set(words) <= ANNOTATIONS:
        raise BadParameterError("annotation", "An annotation is patient or technique.")
    return ",".join(words)
