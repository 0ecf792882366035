"""Do the original bytes come back exactly, and only the blocks that hold them get read?"""

from __future__ import annotations

import io
import random
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pydicom
import pytest
from pydicom.data import get_testdata_file

from safelight.kernel.ids import new_id
from safelight.platform.storage.codec import Codec, compress, decompress
from safelight.platform.storage.errors import RecordBrokenError
from safelight.platform.storage.layout import BLOCK, Layout, Segment, pack_object, read, stream
from safelight.platform.storage.record import RecordReader, new_object_key, seal_record

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Bytes:
    """A source in memory."""

    content: bytes

    @property
    def size(self) -> int:
        """How many bytes."""
        return len(self.content)

    def read(self, offset: int, length: int) -> bytes:
        """Return some of them."""
        return self.content[offset : offset + length]


@dataclass
class Stored:
    """An object as it was stored, and what reading it fetched."""

    layout: Layout
    record: RecordReader
    fetched: list[int]


def stored(
    content: bytes, frames: Sequence[tuple[int, int]] = (), *, sample_bytes: int = 1
) -> Stored:
    packing = pack_object(Bytes(content), frames, sample_bytes=sample_bytes)
    key, object_id = new_object_key(), new_id()
    sealed = b"".join(seal_record(key, object_id, packing))
    fetched: list[int] = []

    def read_at(offset: int, length: int) -> bytes:
        fetched.append(length)
        return sealed[offset : offset + length]

    record = RecordReader(read_at, len(sealed), key, object_id)
    return Stored(Layout.from_bytes(packing.layout.to_bytes()), record, fetched)


def smooth(size: int, seed: int) -> bytes:
    """Pixels of 16 bits that wander, as those of a real image do."""
    chance = random.Random(seed)  # noqa: S311 (made-up pixels)
    value, out = 1000, bytearray()
    for _ in range(size // 2):
        value = max(0, min(4095, value + chance.randint(-3, 3)))
        out += value.to_bytes(2, "little")
    return bytes(out)


@pytest.mark.parametrize("sample_bytes", [1, 2])
def test_any_range_of_a_multi_frame_object_comes_back_exactly(sample_bytes: int) -> None:
    frames, content = [], bytearray(secrets.token_bytes(777))
    for number in range(12):
        pixels = secrets.token_bytes(30_000) if number % 5 == 3 else smooth(30_000, number)
        frames.append((len(content), len(pixels)))
        content += pixels
    content += b"trailing"
    original = bytes(content)
    kept = stored(original, frames, sample_bytes=sample_bytes)
    chance = random.Random(sample_bytes)  # noqa: S311 (which ranges are tried)

    assert kept.layout.size == len(original)
    assert kept.layout.stored_size < 0.8 * len(original)
    for offset, length in [*frames, (0, len(original)), (0, 1), (len(original) - 1, 1)]:
        got = read(kept.layout, kept.record, offset, offset + length)
        assert got == original[offset : offset + length]
    for _ in range(300):
        start, stop = sorted(chance.randint(0, len(original)) for _ in range(2))
        assert read(kept.layout, kept.record, start, stop) == original[start:stop]


def test_one_frame_costs_one_read_of_about_its_own_size() -> None:
    frame = smooth(400_000, 1)
    content = b"header" + frame * 20
    frames = [(6 + number * len(frame), len(frame)) for number in range(20)]
    kept = stored(content, frames, sample_bytes=2)
    kept.fetched.clear()

    offset, length = frames[13]
    assert read(kept.layout, kept.record, offset, offset + length) == frame
    assert len(kept.fetched) == 1
    assert kept.fetched[0] < length


def test_what_does_not_get_smaller_is_stored_raw_in_one_segment() -> None:
    content = secrets.token_bytes(3 * BLOCK + 5)
    kept = stored(content, [(100, 2 * BLOCK), (100 + 2 * BLOCK, 1000)], sample_bytes=2)

    assert kept.layout.segments == (Segment(len(content), len(content), Codec.RAW),)
    assert kept.layout.stored_size == len(content)


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7])
@pytest.mark.parametrize("compressible", [True, False])
def test_streams_come_in_pieces_of_at_most_a_mebibyte(size: int, *, compressible: bool) -> None:
    content = b"head" + (bytes(size) if compressible else secrets.token_bytes(size)) + b"tail"
    kept = stored(content, [(4, size)] if size else [], sample_bytes=1)

    for start, stop in ((0, len(content)), (1, len(content) - 1), (4, 4 + size)):
        pieces = list(stream(kept.layout, kept.record, start, stop))
        assert b"".join(pieces) == content[start:stop]
        assert all(0 < len(piece) <= BLOCK for piece in pieces)


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small.dcm", "SC_rgb.dcm", "liver.dcm"])
def test_real_images_come_back_byte_for_byte(name: str) -> None:
    path = get_testdata_file(name)
    assert isinstance(path, str)
    with open(path, "rb") as file:  # noqa: PTH123 (a path of pydicom's)
        original = file.read()
    image = pydicom.dcmread(io.BytesIO(original))
    size = len(image.PixelData) // int(image.get("NumberOfFrames", 1))
    start = original.rindex(image.PixelData)
    frames = [(start + size * number, size) for number in range(len(image.PixelData) // size)]

    kept = stored(original, frames, sample_bytes=max(1, image.BitsAllocated // 8))

    assert read(kept.layout, kept.record, 0, len(original)) == original


@pytest.mark.parametrize("frames", [[(5, 10), (14, 3)], [(0, 101)], [(90, 10), (0, 5)], [(101, 0)]])
def test_frames_that_overlap_or_stick_out_are_a_mistake(frames: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="overlap"):
        list(pack_object(Bytes(bytes(100)), frames))


def test_the_layout_is_not_given_before_it_is_known() -> None:
    packing = pack_object(Bytes(bytes(100)))

    with pytest.raises(RuntimeError):
        _ = packing.layout


@pytest.mark.parametrize(("start", "stop"), [(-1, 5), (6, 5), (0, 101)])
def test_a_range_outside_is_refused(start: int, stop: int) -> None:
    kept = stored(bytes(100))

    with pytest.raises(ValueError, match="not within"):
        read(kept.layout, kept.record, start, stop)


@pytest.mark.parametrize(
    "segments",
    [
        (),
        (Segment(1, 1, Codec.RAW),),
        (Segment(9712, 9712, Codec.RAW), Segment(524_288, 129_754, Codec.ZSTD_SPLIT)),
        (Segment(1 << 40, 3, Codec.ZSTD),) * 1000,
    ],
)
def test_the_compact_form_says_the_same(segments: tuple[Segment, ...]) -> None:
    layout = Layout(segments)

    assert Layout.from_bytes(layout.to_bytes()) == layout
    assert len(layout.to_bytes()) <= 1 + 8 * len(segments)


@pytest.mark.parametrize(
    "compact",
    [b"", b"\x02", b"\x01\x80", b"\x01\x03", b"\x01\x00", b"\x01\x05", b"\x01" + b"\xff" * 12],
)
def test_a_damaged_compact_form_is_refused(compact: bytes) -> None:
    with pytest.raises(RecordBrokenError):
        Layout.from_bytes(compact)


def test_a_block_that_claims_another_size_is_refused_without_allocating_it() -> None:
    codec, small = compress(bytes(1000), sample_bytes=1)
    assert codec is Codec.ZSTD

    for length in (999, 1 << 50):
        with pytest.raises(RecordBrokenError):
            decompress(memoryview(small), codec=codec, length=length)
    with pytest.raises(RecordBrokenError):
        decompress(memoryview(b"not zstd at all"), codec=codec, length=1000)
