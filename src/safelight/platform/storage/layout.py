"""Which stored bytes hold which bytes of the original, and how do those come back exactly?

An object is stored as a row of segments. What compresses (uncompressed pixels)
is stored by zstd in blocks of at most 1 MiB, each on its own; the rest is stored
raw. Samples of 16 bits are split into all low bytes and all high bytes first:
on real CT and MR that is both smaller and faster than zstd on its own.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, Protocol

from safelight.platform.storage.ahead import in_order
from safelight.platform.storage.codec import Codec, compress, decompress
from safelight.platform.storage.errors import RecordBrokenError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from safelight.platform.storage.record import RecordReader

BLOCK = 1 << 20  # no compressed block, and no streamed piece, is larger
_VERSION = 1
_CODEC_BITS = 2
_MORE = 0x80  # set in every byte of a number but its last
_LARGEST_SHIFT = 63


class Source(Protocol):
    """Bytes that any number of threads can read at random: a file, a spool, a buffer."""

    @property
    def size(self) -> int:
        """How many bytes there are."""

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes at `offset`."""


@dataclass(frozen=True, slots=True)
class Segment:
    """`length` original bytes, stored in `stored` bytes."""

    length: int
    stored: int
    codec: Codec


@dataclass(frozen=True, slots=True)
class Layout:
    """The segments of one object, in order, without gaps on either side."""

    segments: tuple[Segment, ...]
    starts: tuple[int, ...] = field(init=False, repr=False, compare=False)
    stored_starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        lengths = accumulate((part.length for part in self.segments), initial=0)
        stored = accumulate((part.stored for part in self.segments), initial=0)
        object.__setattr__(self, "starts", tuple(lengths))
        object.__setattr__(self, "stored_starts", tuple(stored))

    @property
    def size(self) -> int:
        """How many original bytes there are."""
        return self.starts[-1]

    @property
    def stored_size(self) -> int:
        """How many bytes they are stored in, before sealing."""
        return self.stored_starts[-1]

    def to_bytes(self) -> bytes:
        """Write the compact form: about 5 bytes for each segment."""
        out = bytearray([_VERSION])
        for part in self.segments:
            _put(out, part.length << _CODEC_BITS | part.codec)
            if part.codec is not Codec.RAW:
                _put(out, part.stored)
        return bytes(out)

    @classmethod
    def from_bytes(cls, compact: bytes) -> Layout:
        """Read the compact form.

        Raises:
            RecordBrokenError: it is not one.
        """
        if compact[:1] != bytes([_VERSION]):
            raise RecordBrokenError
        numbers = _numbers(memoryview(compact)[1:])
        segments = []
        for number in numbers:
            length, kind = number >> _CODEC_BITS, number & (1 << _CODEC_BITS) - 1
            if kind > max(Codec) or not length:
                raise RecordBrokenError
            codec = Codec(kind)
            stored = length if codec is Codec.RAW else next(numbers, 0)
            if not stored:
                raise RecordBrokenError
            segments.append(Segment(length, stored, codec))
        return cls(tuple(segments))


class Packing:
    """An object on its way into a record: iterate it once, then ask for its layout."""

    def __init__(
        self, source: Source, frames: Iterable[tuple[int, int]], *, sample_bytes: int = 1
    ) -> None:
        """Prepare to store `source`, whose native frames are at (offset, length), in order.

        `sample_bytes` is the size of one sample (BitsAllocated / 8).
        """
        self._source = source
        self._frames = frames
        self._sample_bytes = sample_bytes
        self._segments: list[Segment] = []
        self._layout: Layout | None = None

    @property
    def layout(self) -> Layout:
        """Say where everything went.

        Raises:
            RuntimeError: not all pieces have been taken yet.
        """
        if self._layout is None:
            raise RuntimeError("the layout is known once every piece has been taken")
        return self._layout

    def __iter__(self) -> Iterator[bytes]:
        position = 0
        for offset, length in self._frames:
            if offset < position or offset + length > self._source.size:
                raise ValueError("frames overlap, or lie outside the object")
            yield from self._raw(position, offset)
            yield from self._blocks(offset, offset + length)
            position = offset + length
        yield from self._raw(position, self._source.size)
        self._layout = Layout(tuple(self._segments))

    def _raw(self, start: int, stop: int) -> Iterator[bytes]:
        for at in range(start, stop, BLOCK):
            piece = self._source.read(at, min(BLOCK, stop - at))
            self._note(len(piece), len(piece), Codec.RAW)
            yield piece

    def _blocks(self, start: int, stop: int) -> Iterator[bytes]:
        if stop - start <= BLOCK:
            yield self._noted(start, stop, self._compressed(start, stop))
            return
        bounds = [(at, min(at + BLOCK, stop)) for at in range(start, stop, BLOCK)]
        stored = in_order(partial(self._compressed, *each) for each in bounds)
        for (begins, ends), compressed in zip(bounds, stored, strict=True):
            yield self._noted(begins, ends, compressed)

    def _compressed(self, start: int, stop: int) -> tuple[Codec, bytes]:
        block = self._source.read(start, stop - start)
        return compress(block, sample_bytes=self._sample_bytes)

    def _noted(self, start: int, stop: int, compressed: tuple[Codec, bytes]) -> bytes:
        codec, stored = compressed
        self._note(stop - start, len(stored), codec)
        return stored

    def _note(self, length: int, stored: int, codec: Codec) -> None:
        if codec is Codec.RAW and self._segments and self._segments[-1].codec is Codec.RAW:
            before = self._segments.pop()
            length, stored = before.length + length, before.stored + stored
        self._segments.append(Segment(length, stored, codec))


def pack_object(
    source: Source, frames: Iterable[tuple[int, int]] = (), *, sample_bytes: int = 1
) -> Packing:
    """Return the pieces to seal of `source`; afterwards its `layout` says where they are."""
    return Packing(source, frames, sample_bytes=sample_bytes)


def read(layout: Layout, record: RecordReader, start: int, stop: int) -> bytes:
    """Return the original bytes [start, stop).

    Raises:
        ValueError: the range is not within the object.
        RecordBrokenError: what is stored is not what the layout says.
    """
    if not 0 <= start <= stop <= layout.size:
        raise ValueError("the range is not within the object")
    if start == stop:
        return b""
    first = bisect_right(layout.starts, start) - 1
    last = bisect_right(layout.starts, stop - 1) - 1
    begin, end = _stored_range(layout, first, start)[0], _stored_range(layout, last, stop)[1]
    stored = memoryview(record.read(begin, end))
    parts: list[bytes | memoryview] = []
    for index in range(first, last + 1):
        segment = layout.segments[index]
        lower = max(start - layout.starts[index], 0)
        upper = min(stop - layout.starts[index], segment.length)
        at = layout.stored_starts[index] - begin
        if segment.codec is Codec.RAW:
            parts.append(stored[at + lower : at + upper])
        else:
            whole = decompress(
                stored[at : at + segment.stored], codec=segment.codec, length=segment.length
            )
            parts.append(
                whole if upper - lower == segment.length else memoryview(whole)[lower:upper]
            )
    return b"".join(parts)


def stream(layout: Layout, record: RecordReader, start: int, stop: int) -> Iterator[bytes]:
    """Yield the original bytes [start, stop) in pieces of at most 1 MiB. Raises like `read`."""
    pieces = list(_pieces(layout, start, stop))
    if len(pieces) == 1:
        yield read(layout, record, *pieces[0])
    else:
        yield from in_order(partial(read, layout, record, *piece) for piece in pieces)


def _pieces(layout: Layout, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield where to cut: not through the middle of a block, it would be decompressed twice."""
    while start < stop:
        end = min(stop, start + BLOCK)
        index = bisect_right(layout.starts, end - 1) - 1
        begins = layout.starts[index]
        if end < min(stop, layout.starts[index + 1]) and start < begins:
            end = end if layout.segments[index].codec is Codec.RAW else begins
        yield start, end
        start = end


def _stored_range(layout: Layout, index: int, position: int) -> tuple[int, int]:
    """Return the stored range that must be read to begin, or to end, at `position`."""
    segment, at = layout.segments[index], layout.stored_starts[index]
    if segment.codec is Codec.RAW:
        within = at + position - layout.starts[index]
        return within, within
    return at, at + segment.stored


def _put(out: bytearray, number: int) -> None:
    while number >= _MORE:
        out.append(number % _MORE | _MORE)
        number >>= 7
    out.append(number)


def _numbers(compact: memoryview) -> Iterator[int]:
    number = shift = 0
    for byte in compact:
        number |= byte % _MORE << shift
        shift += 7
        if byte < _MORE:
            yield number
            number = shift = 0
        elif shift > _LARGEST_SHIFT:
            raise RecordBrokenError
    if shift:
        raise RecordBrokenError
