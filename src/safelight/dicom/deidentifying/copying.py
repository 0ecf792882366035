"""What is the file of a copy that does not say whose it is?

A Part 10 file made anew: its own preamble and file meta group, the cleaned data set, and
the pixels as they were, frame by frame and not a byte more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from safelight.dicom import limits
from safelight.dicom.deidentifying.cleaning import cleaned
from safelight.dicom.deidentifying.compressed import quieted
from safelight.dicom.elements.fields import UNDEFINED
from safelight.dicom.pixels.frames import FrameTable, frame_table
from safelight.dicom.reading.pixel_claims import pixel_claims
from safelight.dicom.reasons import Reason, UnreadableError
from safelight.dicom.registry import tags
from safelight.dicom.registry import transfer_syntaxes as syntax
from safelight.dicom.writing.part10 import file_meta
from safelight.dicom.writing.rewriting import Encoding, rewritten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safelight.dicom.deidentifying.replacing import Replacement
    from safelight.dicom.reading.header import Header
    from safelight.dicom.source import Source

_PLAIN: Final = Encoding(explicit=True, little_endian=True)


def deidentified(header: Header, source: Source, into: Replacement) -> Iterator[bytes]:
    """Return the pieces of a copy of an object, whose `fitness` the caller has judged.

    Native pixels come in Explicit VR Little Endian, compressed ones in their own syntax.

    Raises:
        UnreadableError: at once, or on the way, that its pixels are not what it says.
    """
    pixels = header.pixels
    compressed = pixels is not None and pixels.encapsulated
    named = header.transfer_syntax if compressed else syntax.EXPLICIT_LITTLE
    table = frame_table(header, source)
    if pixels is not None and not table.frames:
        raise UnreadableError(Reason.BAD_PIXELS)
    meta = file_meta(header.sop_class_uid, into.uid(header.sop_instance_uid), named)
    return _pieces(meta, header, source, table, into)


def _pieces(
    meta: bytes, header: Header, source: Source, table: FrameTable, into: Replacement
) -> Iterator[bytes]:
    yield meta
    item, pixels = cleaned(header.root, into), header.pixels
    data = header.dataset or source
    if pixels is None:
        yield from (piece for _, piece in rewritten(item, data, _PLAIN))
        return
    if not pixels.encapsulated:
        element = item.elements[pixels.tag]
        last = table.frames[-1][-1]
        length = last.offset + last.length - pixels.offset
        if length < element.length:  # what stands behind the last frame is no picture
            value = element.value and element.value[:length]
            item.elements[pixels.tag] = element._replace(length=length, value=value)
        yield from (piece for _, piece in rewritten(item, data, _PLAIN))
        return
    del item.elements[tags.PIXEL_DATA]
    yield from (piece for tag, piece in rewritten(item, data, _PLAIN) if tag < tags.PIXEL_DATA)
    yield from _frames(header, data, table)


def _frames(header: Header, data: Source, table: FrameTable) -> Iterator[bytes]:
    """Write each frame as one fragment, behind an empty offset table."""
    claims = pixel_claims(header)
    if claims is None:
        raise UnreadableError(Reason.BAD_PIXELS)
    is_rle = header.transfer_syntax == syntax.RLE_LOSSLESS
    run_lengths = claims.rows * claims.columns if is_rle else 0
    yield _PLAIN.head(tags.PIXEL_DATA, "OB", UNDEFINED)
    yield _PLAIN.marker(tags.ITEM)
    for frame in table.frames:
        if sum(piece.length for piece in frame) > limits.FRAME_BYTES:
            raise UnreadableError(Reason.PIXEL_FLOOD)
        whole = b"".join(data.read(*piece) for piece in frame)
        quiet = quieted(whole, run_lengths=run_lengths)
        yield _PLAIN.marker(tags.ITEM, len(quiet) + len(quiet) % 2)
        yield quiet + b"\0" * (len(quiet) % 2)
    yield _PLAIN.marker(tags.SEQUENCE_END)
