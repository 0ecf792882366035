"""How do frames leave: as stored, decoded, or as pictures for the screen?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from safelight.dicom.pixels.layout import PixelModule
from safelight.dicom.pixels.picture import PictureFormat, Region
from safelight.dicom.pixels.voi import VoiWindow
from safelight.dicom.reasons import UnreadableError
from safelight.dicom.registry.transfer_syntaxes import EXPLICIT_LITTLE, transfer_syntax
from safelight.exchange.access.facts import Party
from safelight.exchange.release.errors import (
    NoPixelsError,
    NoSuchFrameError,
    NotShowableError,
    OutsideError,
)
from safelight.exchange.release.viewing.find import Found, find_study
from safelight.exchange.release.viewing.looks import look
from safelight.exchange.release.viewing.memory import Memory
from safelight.exchange.release.viewing.opened import opened
from safelight.exchange.release.viewing.retrieve import Asked
from safelight.platform.cage.cage import cage
from safelight.platform.cage.errors import CageError, CageReason
from safelight.records.imaging.models import Instance
from safelight.records.imaging.renditions import picture_of, pixels_of
from safelight.records.imaging.store import StoredObject

_SMALL: Final = 128 << 10  # bytes of a picture that is kept in memory for the next one who asks
_shown: Memory[bytes] = Memory(128)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """How a picture is to be rendered (PS3.18 section 8.3.5).

    `share` is a region told in parts of the frame: left, top, right and bottom from 0 to 1.
    `overlays` says whether drawings that the object holds are shown.
    """

    picture: PictureFormat = PictureFormat.JPEG
    viewport: tuple[int, int] | None = None
    region: Region | None = None
    share: tuple[float, float, float, float] | None = None
    window: VoiWindow | None = None
    quality: int = 90
    overlays: bool = True

    def region_in(self, pixels: PixelModule) -> Region | None:
        """Return the region of a frame that is to be shown, None for all of it.

        Raises:
            OutsideError: nothing of it is in the frame.
        """
        region = self.region
        if self.share is not None:
            left, top, right, bottom = self.share
            wide, high = pixels.columns, pixels.rows
            region = Region(left * wide, top * high, (right - left) * wide, (bottom - top) * high)
        if region is not None and region.box(pixels.columns, pixels.rows) is None:
            raise OutsideError
        return region


@dataclass(frozen=True, slots=True)
class Frames:
    """Some frames of one object that may leave. Each is read when its turn comes."""

    found: Found
    row: Instance
    stored: StoredObject
    numbers: tuple[int, ...]

    @property
    def transfer_syntax(self) -> str:
        """The transfer syntax the frames are stored in."""
        return self.stored.card.transfer_syntax

    def as_stored(self) -> Iterator[bytes]:
        """Yield the frames byte for byte."""
        for number in self.numbers:
            yield self.stored.frame(number)

    def size_of(self, number: int) -> int:
        """Say how many bytes a frame has as it is stored."""
        return sum(length for _, length in self.stored.card.frames[number - 1])

    def in_pieces(self, number: int) -> Iterator[bytes]:
        """Yield one frame byte for byte, in pieces: a large one is never held whole."""
        if transfer_syntax(self.transfer_syntax).deflated:
            yield self.stored.frame(number)
            return
        for offset, length in self.stored.card.frames[number - 1]:
            yield from self.stored.stream(offset, offset + length)

    def decoded(self) -> Iterator[bytes]:
        """Yield the frames as native little endian pixels.

        Raises:
            NotShowableError: one cannot be decoded.
        """
        if self.transfer_syntax == EXPLICIT_LITTLE:
            yield from self.as_stored()
            return
        for number in self.numbers:
            with in_the_cage():
                frame = cage().decode(
                    self.stored.frame(number),
                    pixels_of(self.row, self.stored, frame=number),
                    transfer_syntax=self.transfer_syntax,
                )
            yield frame.data


def frames(party: Party, asked: Asked, numbers: Sequence[int], *, at: datetime) -> Frames:
    """Return frames that may leave, and record the look.

    Raises:
        NoPixelsError: the object is a document.
        NoSuchFrameError: a number lies outside; frames count from 1.
    """
    found = find_study(party, asked.study_uid, at=at)
    row, stored = opened(found, asked.series_uid, asked.instance_uid)
    _check(stored, numbers)
    look(party, found, at=at, pictures=[(row.id, number) for number in numbers])
    return Frames(found, row, stored, tuple(numbers))


def rendered(
    party: Party, asked: Asked, number: int, rendering: Rendering, *, at: datetime
) -> bytes:
    """Return one frame as a picture for the screen, made in the cage.

    Raises:
        NotShowableError: it cannot be decoded.
        OutsideError: nothing of the region is in the frame. And whatever `frames` raises.
    """
    taken = frames(party, asked, [number], at=at)
    epoch, key = taken.found.epoch, (taken.row.id, number, rendering)
    known = _shown.recall(key, epoch) if epoch is not None else None
    if known is not None:
        return known
    picture = _rendered(taken, number, rendering)
    if epoch is not None and len(picture) <= _SMALL:
        _shown.keep(key, epoch, picture)
    return picture


def _rendered(taken: Frames, number: int, rendering: Rendering) -> bytes:
    with in_the_cage():
        pixels, overlays = picture_of(taken.row, taken.stored, frame=number)
        region = rendering.region_in(pixels)
        return cage().render(
            taken.stored.frame(number),
            pixels,
            transfer_syntax=taken.transfer_syntax,
            window=rendering.window,
            viewport=rendering.viewport,
            region=region,
            format=rendering.picture,
            quality=rendering.quality,
            overlays=overlays if rendering.overlays else (),
        )


def _check(stored: StoredObject, numbers: Sequence[int]) -> None:
    last = len(stored.card.frames)
    if not last:
        raise NoPixelsError
    if not all(1 <= number <= last for number in numbers):
        raise NoSuchFrameError


@contextmanager
def in_the_cage() -> Iterator[None]:
    """Say of pixels that cannot be decoded that they cannot be shown; a full cage may clear."""
    try:
        yield
    except UnreadableError:
        raise NotShowableError from None
    except CageError as error:
        if error.reason is CageReason.BUSY:
            raise
        raise NotShowableError from None
