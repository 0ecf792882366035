"""What is an object in another transfer syntax? (PS3.18 section 8.7.3.5.2)

A Part 10 file whose data set says the same, with its pixels in the form asked for and
described as they now are. It comes out in pieces, one frame after the other, so that
memory stays flat. Pixels are handed to `convert`, which the cage does.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from safelight.dicom.json.model import to_json
from safelight.dicom.pixels.frames import FrameTable, frame_table
from safelight.dicom.pixels.layout import YBR_FULL, DecodedFrame, PixelModule
from safelight.dicom.reading.index import index
from safelight.dicom.reasons import Reason, UnreadableError
from safelight.dicom.registry import tags
from safelight.dicom.registry import transfer_syntaxes as syntax
from safelight.dicom.writing.part10 import file_meta
from safelight.dicom.writing.redescribed import redescribed
from safelight.dicom.writing.rewriting import Encoding, holds_fragments, rewritten

if TYPE_CHECKING:
    from safelight.dicom.reading.header import Header
    from safelight.dicom.source import Source

Convert = Callable[[bytes, PixelModule, str, str], DecodedFrame]
"""Turns (frame, its description, its transfer syntax, the one asked for) into a frame."""

NATIVE: Final = frozenset(
    {syntax.IMPLICIT_LITTLE, syntax.EXPLICIT_LITTLE, syntax.EXPLICIT_BIG, syntax.DEFLATED}
)
_BITS: Final = {
    syntax.RLE_LOSSLESS: (8, 16),
    syntax.JPEG_LS_LOSSLESS: (8, 16),
    syntax.JPEG_2000_LOSSLESS: (8, 16),
}
_KEEPS_COLOUR: Final = NATIVE | {
    syntax.RLE_LOSSLESS,
    syntax.JPEG_LS_LOSSLESS,
    syntax.JPEG_LOSSLESS,
    syntax.JPEG_LOSSLESS_SV1,
}
_EMBEDDED_OVERLAY: Final = 0x60000102
_OVERLAYS: Final = 0xFF00FFFF
_LONGEST: Final = 0xFFFFFFFE
_RAW: Final = -zlib.MAX_WBITS


def can_transcode(header: Header, into: str) -> bool:
    """Say whether the object can be given in the transfer syntax `into`.

    Reads no pixels, so a frame that turns out to be broken may still stand in the way.
    """
    if into == header.transfer_syntax:
        return True
    pixels = header.pixels
    if into not in NATIVE and into not in _BITS:
        return False
    if pixels is None:
        return into in NATIVE
    if pixels.encapsulated != syntax.transfer_syntax(header.transfer_syntax).encapsulated:
        return False  # pixels that are not what the file says they are
    if not pixels.encapsulated:
        return into in NATIVE or (_fits(header, into) and not _has_embedded_overlay(header))
    return syntax.can_be_decoded(header.transfer_syntax) and _fits(header, into)


def _fits(header: Header, into: str) -> bool:
    bits = header.integer(tags.BITS_ALLOCATED)
    is_image = header.pixels is not None and header.pixels.tag == tags.PIXEL_DATA
    return is_image and bits in _BITS.get(into, (8, 16, 32))


def _has_embedded_overlay(header: Header) -> bool:
    return any(
        tag & _OVERLAYS == _EMBEDDED_OVERLAY and header.integer(tag) for tag in header.elements
    )


def transcode(source: Source, into: str, *, convert: Convert) -> Iterator[bytes]:
    """Return the pieces of a Part 10 file in the transfer syntax `into`.

    Everything is checked and the first frame made before this returns.

    Raises:
        UnreadableError: the object is not sound or cannot be had in that syntax.
    """
    header = index(source)
    if not can_transcode(header, into):
        raise UnreadableError(Reason.BAD_PIXELS)
    meta = file_meta(header.sop_class_uid, header.sop_instance_uid, into)
    if into == header.transfer_syntax:
        return chain((meta,), _as_it_stands(header, source))
    known = syntax.transfer_syntax(into)
    encoding = Encoding(known.explicit, known.little_endian)
    pixels = header.pixels
    if pixels is None or (not pixels.encapsulated and into in NATIVE):
        whole = rewritten(header.root, header.dataset or source, encoding)
        body: Iterator[bytes] = (piece for _, piece in whole)
    else:
        body = _Conversion(header, source, into, encoding, convert).pieces()
    return chain((meta,), _deflated(body) if known.deflated else body)


def _as_it_stands(header: Header, source: Source) -> Iterator[bytes]:
    end = header.dataset_offset + header.data_size
    for offset in range(header.dataset_offset, end, 1 << 20):
        yield source.read(offset, min(1 << 20, end - offset))


def _deflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=_RAW)
    size = 0
    for piece in pieces:
        packed = packer.compress(piece)
        size += len(packed)
        yield packed
    rest = packer.flush()
    yield rest + b"\0" * ((size + len(rest)) % 2)


@dataclass(frozen=True, slots=True)
class _Conversion:
    """One object whose frames have to be made anew."""

    header: Header
    source: Source
    into: str
    encoding: Encoding
    convert: Convert

    def pieces(self) -> Iterator[bytes]:
        """Return the data set in pieces, after the first frame has been made."""
        table = frame_table(self.header, self.source)
        pixels = PixelModule.from_json(to_json(self.header))
        first = self._frame(table, pixels, 1)
        kept = pixels.samples == 1 or self._keeps(pixels)
        made = replace(first.pixels, photometric=pixels.photometric if kept else "RGB")
        whole = made.decoded_bytes * len(table.frames)
        if self.into in NATIVE and whole > _LONGEST:
            raise UnreadableError(Reason.PIXEL_FLOOD)
        return self._told(table, pixels, made, first)

    def _told(
        self, table: FrameTable, pixels: PixelModule, made: PixelModule, first: DecodedFrame
    ) -> Iterator[bytes]:
        data = self.header.dataset or self.source
        told = redescribed(self.header, made, self.encoding)
        skipped = {tags.PIXEL_DATA, tags.EXTENDED_OFFSET_TABLE, tags.EXTENDED_OFFSET_TABLE_LENGTHS}
        skipped |= {
            tag
            for tag, element in self.header.elements.items()
            if element.items is not None and holds_fragments(element.items, data)
        }
        for tag, piece in rewritten(self.header.root, data, self.encoding):
            while told and told[0][0] < tag:
                yield told.pop(0)[1]
            if told and told[0][0] == tag:
                yield told.pop(0)[1]
                skipped.add(tag)
            if tag > tags.PIXEL_DATA and tags.PIXEL_DATA in skipped:
                skipped.discard(tags.PIXEL_DATA)
                yield from self._pixel_data(table, pixels, made, first)
            if tag not in skipped:
                yield piece
        if tags.PIXEL_DATA in skipped:
            yield from self._pixel_data(table, pixels, made, first)

    def _pixel_data(
        self, table: FrameTable, pixels: PixelModule, made: PixelModule, first: DecodedFrame
    ) -> Iterator[bytes]:
        frames = self._frames(table, pixels, first)
        encoding = self.encoding
        if self.into not in NATIVE:
            yield encoding.head(tags.PIXEL_DATA, "OB", 0xFFFFFFFF)
            yield encoding.marker(tags.ITEM)  # an empty offset table: lengths come too late
            for data in frames:
                yield encoding.marker(tags.ITEM, len(data) + len(data) % 2)
                yield data + b"\0" * (len(data) % 2)
            yield encoding.marker(tags.SEQUENCE_END)
            return
        whole = made.decoded_bytes * len(table.frames)
        yield encoding.head(tags.PIXEL_DATA, "OW", whole + whole % 2)
        width = {2: "OW", 4: "OL"}.get(made.bits_allocated // 8, "OW")
        rest = b""
        for data in frames:
            held = rest + data if rest else data
            even = len(held) - len(held) % 4
            rest = held[even:]
            yield encoding.turned(held[:even], width, little_endian=True)
        if rest:
            yield encoding.turned(rest + b"\0" * (len(rest) % 2), "OW", little_endian=True)

    def _frames(
        self, table: FrameTable, pixels: PixelModule, first: DecodedFrame
    ) -> Iterator[bytes]:
        yield first.data
        for number in range(2, len(table.frames) + 1):
            frame = self._frame(table, pixels, number)
            if frame.pixels.bits_allocated != first.pixels.bits_allocated:
                raise UnreadableError(Reason.BAD_PIXELS)
            yield frame.data

    def _keeps(self, pixels: PixelModule) -> bool:
        """Say whether the samples can be taken over as they are, whatever colour they mean."""
        return pixels.photometric == YBR_FULL and self.header.transfer_syntax in _KEEPS_COLOUR

    def _frame(self, table: FrameTable, pixels: PixelModule, number: int) -> DecodedFrame:
        source = self.header.dataset or self.source
        stored = b"".join(source.read(*piece) for piece in table.frames[number - 1])
        about = replace(pixels, number=number)
        if self._keeps(pixels):
            about = replace(about, photometric="RGB")
        return self.convert(stored, about, self.header.transfer_syntax, self.into)
