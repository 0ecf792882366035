"""What kind of picture is a frame rendered to, and how large?"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from safelight.dicom.reasons import Reason, UnreadableError

if TYPE_CHECKING:
    from safelight.dicom.pixels import PixelModule

LONGEST_SIDE: Final = 8192
_SAME_ASPECT: Final = 1e-3


class PictureFormat(StrEnum):
    """What a rendered frame is encoded as; values are media subtypes."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"

    @property
    def media_type(self) -> str:
        """Return the media type of the picture."""
        return f"image/{self.value}"


def fitted(pixels: PixelModule, viewport: tuple[int, int] | None) -> tuple[int, int]:
    """Return (width, height) of the picture of a frame, in square pixels.

    It fills the viewport (width, height) without changing the shape of what it shows.
    Without one the frame keeps its size; pixels that are not square are stretched,
    never squeezed, as long as no side passes `LONGEST_SIDE`.

    Raises:
        UnreadableError: the viewport is out of bounds.
    """
    wide, high = float(pixels.columns), float(pixels.rows)
    square = abs(pixels.aspect - 1.0) <= _SAME_ASPECT
    if viewport is None and square:
        return pixels.columns, pixels.rows
    if pixels.aspect > 1.0:
        high *= pixels.aspect
    else:
        wide /= pixels.aspect
    if viewport is None:
        scale = min(1.0, LONGEST_SIDE / max(wide, high))
    elif all(1 <= side <= LONGEST_SIDE for side in viewport):
        scale = min(viewport[0] / wide, viewport[1] / high)
    else:
        raise UnreadableError(Reason.BAD_PIXELS)
    return max(1, round(wide * scale)), max(1, round(high * scale))
