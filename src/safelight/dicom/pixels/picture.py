"""What kind of picture is a frame rendered to, and how large?"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from safelight.dicom.reasons import Reason, UnreadableError

if TYPE_CHECKING:
    from safelight.dicom.pixels.layout import PixelModule

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


class Region(NamedTuple):
    """A part of a frame: its upper left corner and its sides, in the frame's own pixels.

    A side that is None reaches to the frame's edge, one below zero turns the part
    around (PS3.18 8.3.5.1.4).
    """

    left: float = 0.0
    top: float = 0.0
    width: float | None = None
    height: float | None = None

    def box(self, columns: int, rows: int) -> tuple[int, int, int, int] | None:
        """Return left, top, right and bottom inside a frame; None where nothing of it is."""
        left, top = max(round(self.left), 0), max(round(self.top), 0)
        wide = columns if self.width is None else abs(self.width)
        high = rows if self.height is None else abs(self.height)
        right, bottom = min(round(self.left + wide), columns), min(round(self.top + high), rows)
        return (left, top, right, bottom) if left < right and top < bottom else None

    @property
    def turned(self) -> tuple[bool, bool]:
        """Whether left and right, and whether top and bottom change places."""
        return (self.width or 0) < 0, (self.height or 0) < 0


def fitted(
    pixels: PixelModule, viewport: tuple[int, int] | None, region: Region | None = None
) -> tuple[int, int]:
    """Return (width, height) of the picture of a frame or a region of it, in square pixels.

    It fills the viewport (width, height) without changing the shape of what it shows.
    Without one the frame keeps its size; pixels that are not square are stretched,
    never squeezed, as long as no side passes `LONGEST_SIDE`.

    Raises:
        UnreadableError: the viewport or the region is out of bounds.
    """
    box = (region or Region()).box(pixels.columns, pixels.rows)
    if box is None:
        raise UnreadableError(Reason.BAD_PIXELS)
    columns, rows = box[2] - box[0], box[3] - box[1]
    wide, high = float(columns), float(rows)
    square = abs(pixels.aspect - 1.0) <= _SAME_ASPECT
    if viewport is None and square:
        return columns, rows
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
