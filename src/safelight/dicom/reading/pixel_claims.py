"""Are the pixels what the header claims?

The sizes are computed in Python integers, which do not overflow, and compared
with what is really in the file before anyone allocates a frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from safelight.dicom import limits
from safelight.dicom.reasons import Reason, UnreadableError
from safelight.dicom.registry import tags

if TYPE_CHECKING:
    from safelight.dicom.reading.header import Header

_BITS: Final = range(1, 65)
_SAMPLES: Final = range(1, 5)
_SUBSAMPLED: Final = {"YBR_FULL_422": 2, "YBR_PARTIAL_422": 2, "YBR_PARTIAL_420": 1}
_FLOAT_BITS: Final = {tags.FLOAT_PIXEL_DATA: 32, tags.DOUBLE_FLOAT_PIXEL_DATA: 64}


class Claims(NamedTuple):
    """What the header says of its pixels, each number checked to be possible."""

    rows: int
    columns: int
    samples: int
    bits_allocated: int
    frames: int
    photometric: str

    @property
    def decoded_bits(self) -> int:
        """Bits of one decoded frame."""
        return self.rows * self.columns * self.samples * self.bits_allocated

    @property
    def stored_bits(self) -> int:
        """Bits of one native frame as stored: less than decoded when colour is subsampled."""
        samples = _SUBSAMPLED.get(self.photometric, self.samples) if self.samples > 1 else 1
        return self.rows * self.columns * samples * self.bits_allocated


def pixel_claims(header: Header) -> Claims | None:
    """Return the claims, None if the header does not describe an image matrix.

    Raises:
        UnreadableError: a number is impossible, or a frame would be too large.
    """
    pixels = header.pixels
    rows, columns = header.integer(tags.ROWS), header.integer(tags.COLUMNS)
    if pixels is None or rows is None or columns is None:
        return None
    bits = _FLOAT_BITS.get(pixels.tag) or header.integer(tags.BITS_ALLOCATED) or 0
    samples = _or_one(header, tags.SAMPLES_PER_PIXEL)
    frames = _or_one(header, tags.NUMBER_OF_FRAMES)
    if bits not in _BITS or samples not in _SAMPLES or rows < 1 or columns < 1 or frames < 1:
        raise UnreadableError(Reason.BAD_PIXELS)
    photometric = header.text(tags.PHOTOMETRIC_INTERPRETATION)
    claims = Claims(rows, columns, samples, bits, frames, photometric)
    if claims.decoded_bits > limits.FRAME_BYTES * 8 or frames > limits.FRAMES:
        raise UnreadableError(Reason.PIXEL_FLOOD)
    return claims


def check_pixel_claims(header: Header) -> None:
    """Refuse pixels that would be too large to decode or are not all there.

    Raises:
        UnreadableError: see `pixel_claims`; or native pixels are shorter than claimed.
    """
    claims = pixel_claims(header)
    pixels = header.pixels
    if claims is None or pixels is None or pixels.length is None:
        return
    if claims.stored_bits * claims.frames > pixels.length * 8:
        raise UnreadableError(Reason.PIXELS_TOO_SHORT)


def _or_one(header: Header, tag: int) -> int:
    """Return the integer, 1 if the element is absent or empty.

    Text that is no integer counts as impossible rather than absent.
    """
    if not header.text(tag):
        return 1
    return header.integer(tag) or 0
