"""Which values of interest does an image show, and how? (PS3.3 C.11.2)"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from safelight.dicom.reasons import Reason, UnreadableError

_WIDEST: Final = 1e12


class VoiFunction(StrEnum):
    """How a window maps values to brightness (PS3.3 C.11.2.1.2, C.11.2.1.3)."""

    LINEAR = "LINEAR"
    LINEAR_EXACT = "LINEAR_EXACT"
    SIGMOID = "SIGMOID"


@dataclass(frozen=True, slots=True)
class VoiWindow:
    """A centre and a width, in the units that the modality transformation gives.

    Raises:
        UnreadableError: a number is not finite, or the width is not above zero.
    """

    center: float
    width: float
    function: VoiFunction = VoiFunction.LINEAR

    def __post_init__(self) -> None:
        sound = math.isfinite(self.center) and math.isfinite(self.width)
        narrowest = 1.0 if self.function is VoiFunction.LINEAR else 0.0
        if not sound or not 0 < self.width <= _WIDEST or self.width < narrowest:
            raise UnreadableError(Reason.BAD_PIXELS)
        if abs(self.center) > _WIDEST:
            raise UnreadableError(Reason.BAD_PIXELS)

    def to_wire(self) -> list[Any]:
        """Return the window as JSON can carry it."""
        return [self.center, self.width, self.function.value]

    @classmethod
    def from_wire(cls, wire: list[Any]) -> VoiWindow:
        """Return the window that `to_wire` wrote."""
        center, width, function = wire
        return cls(float(center), float(width), VoiFunction(function))


def windows(centers: list[float], widths: list[float], function: str) -> tuple[VoiWindow, ...]:
    """Return the usable windows of an image; files carry unusable ones, which are dropped."""
    known = VoiFunction(function) if function in set(VoiFunction) else VoiFunction.LINEAR
    found = []
    for center, width in zip(centers, widths, strict=False):
        try:
            found.append(VoiWindow(center, width, known))
        except UnreadableError:
            continue
    return tuple(found)
