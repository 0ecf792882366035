"""What does a frame look like, as a picture anyone can open?

For the cage only: pixels come from untrusted files. Decodes one frame, applies
what the Standard says about brightness and colour, scales it to the viewport
without bending the body's proportions, and encodes it.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PIL import Image

from safelight.dicom.pictures.colour import from_palette, to_bytes
from safelight.dicom.pictures.decoding import stored_values
from safelight.dicom.pictures.drawing import drawn_over
from safelight.dicom.pictures.grayscale import shades
from safelight.dicom.pixels.layout import PALETTE_COLOR, PixelModule
from safelight.dicom.pixels.picture import PictureFormat, Region, fitted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from safelight.dicom.pixels.overlays import Overlay
    from safelight.dicom.pixels.voi import VoiWindow

_REDUCING_GAP: Final = 2.0


def render(  # noqa: PLR0913 (words of the Standard)
    frame: bytes,
    pixels: PixelModule,
    *,
    transfer_syntax: str,
    window: VoiWindow | None = None,
    viewport: tuple[int, int] | None = None,
    region: Region | None = None,
    picture: PictureFormat = PictureFormat.JPEG,
    quality: int = 90,
    overlays: Sequence[Overlay] = (),
) -> bytes:
    """Return the frame as an encoded picture, with drawings over it.

    `picture.fitted` says how a `viewport` (width, height) is filled with the frame, or
    with a `region` of it.

    Raises:
        UnreadableError: the frame cannot be decoded or the viewport is out of bounds.
    """
    values = stored_values(frame, pixels, transfer_syntax)
    shown = _bytes(values, pixels, window)
    if overlays:
        shown = drawn_over(shown, overlays, frame, pixels, transfer_syntax)
    image = Image.fromarray(np.ascontiguousarray(shown))
    size = fitted(pixels, viewport, region)
    image = _part(image, region)
    if size != image.size:
        shrinks = size[0] < image.size[0]
        how = Image.Resampling.BOX if shrinks else Image.Resampling.BICUBIC
        image = image.resize(size, how, reducing_gap=_REDUCING_GAP if shrinks else None)
    return _encoded(image, picture, quality)


def _part(image: Image.Image, region: Region | None) -> Image.Image:
    if region is None:
        return image
    image = image.crop(region.box(*image.size))
    turns = (Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM)
    for turned, how in zip(region.turned, turns, strict=True):
        image = image.transpose(how) if turned else image
    return image


def _bytes(
    values: NDArray[Any], pixels: PixelModule, window: VoiWindow | None
) -> NDArray[np.uint8]:
    if pixels.is_monochrome:
        return shades(values, pixels, window)
    if pixels.photometric == PALETTE_COLOR:
        return from_palette(values, pixels.palette)
    return to_bytes(values, pixels.bits_stored)


def _encoded(image: Image.Image, picture: PictureFormat, quality: int) -> bytes:
    buffer = io.BytesIO()
    if picture is PictureFormat.PNG:
        image.save(buffer, "PNG", compress_level=3)
    elif picture is PictureFormat.WEBP:
        image.save(buffer, "WEBP", quality=quality, method=2)
    else:
        image.save(buffer, "JPEG", quality=quality, subsampling=0)
    return buffer.getvalue()
