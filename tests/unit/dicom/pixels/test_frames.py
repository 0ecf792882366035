"""Every frame is where its evidence says, or the table is refused."""

from __future__ import annotations

from pathlib import Path
from struct import pack

import pydicom
import pytest

from safelight.dicom import limits
from safelight.dicom.pixels.frames import frame_table
from safelight.dicom.reading.index import Reason, UnreadableError, index
from safelight.dicom.registry import tags, transfer_syntaxes
from safelight.dicom.source import BytesSource
from safelight.dicom.writing.part10 import file_meta

_SC = "1.2.840.10008.5.1.4.1.1.7"
_JPEG = b"\xff\xd8\xff\xe0"
_J2K = b"\xff\x4f\xff\x51"


def _short(tag: int, vr: bytes, value: bytes) -> bytes:
    return pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value


def _us(tag: int, number: int) -> bytes:
    return _short(tag, b"US", pack("<H", number))


def _long(tag: int, vr: bytes, value: bytes, length: int | None = None) -> bytes:
    stated = len(value) if length is None else length
    return pack("<HH2sHI", tag >> 16, tag & 0xFFFF, vr, 0, stated) + value


def _fragments(*parts: bytes) -> bytes:
    items = b"".join(pack("<HHI", 0xFFFE, 0xE000, len(part)) + part for part in parts)
    return items + pack("<HHI", 0xFFFE, 0xE0DD, 0)


def _picture(
    pixels: bytes,
    *,
    frames: int | None = None,
    syntax: str = transfer_syntaxes.JPEG_BASELINE,
    tables: bytes = b"",
    bits: int = 8,
    side: int = 4,
) -> BytesSource:
    counted = b"" if frames is None else _short(tags.NUMBER_OF_FRAMES, b"IS", b"%6d" % frames)
    head = (
        _short(tags.SOP_CLASS_UID, b"UI", _SC.encode() + b"\0"),
        _short(tags.SOP_INSTANCE_UID, b"UI", b"1.2.3.4\0"),
        _short(tags.STUDY_INSTANCE_UID, b"UI", b"1.2.3\0"),
        _short(tags.SERIES_INSTANCE_UID, b"UI", b"1.2.3.5\0"),
        counted,
        _us(tags.ROWS, side),
        _us(tags.COLUMNS, side),
        _us(tags.BITS_ALLOCATED, bits),
        tables,
    )
    return BytesSource(file_meta(_SC, "1.2.3.4", syntax) + b"".join(head) + pixels)


def _encapsulated(*parts: bytes) -> bytes:
    return _long(tags.PIXEL_DATA, b"OB", _fragments(*parts), 0xFFFFFFFF)


def _frames(source: BytesSource) -> list[bytes]:
    table = frame_table(index(source), source)
    return [b"".join(source.read(*piece) for piece in frame) for frame in table.frames]


def _reason(source: BytesSource) -> Reason:
    with pytest.raises(UnreadableError) as refused:
        _frames(source)
    return refused.value.reason


def test_native_frames_follow_one_another() -> None:
    pixels = _long(tags.PIXEL_DATA, b"OW", bytes(range(48)))

    assert _frames(_picture(pixels, frames=3, syntax=transfer_syntaxes.EXPLICIT_LITTLE)) == [
        bytes(range(16)),
        bytes(range(16, 32)),
        bytes(range(32, 48)),
    ]


def test_one_bit_frames_hold_every_byte_they_touch() -> None:
    pixels = _long(tags.PIXEL_DATA, b"OB", bytes(range(4)))
    source = _picture(pixels, frames=3, bits=1, side=3, syntax=transfer_syntaxes.EXPLICIT_LITTLE)

    assert _frames(source) == [b"\0\1", b"\1\2", b"\2\3"]


def test_a_frame_of_swapped_words_holds_the_whole_of_its_last_word() -> None:
    folder = Path(pydicom.__file__).parent / "data" / "test_files"
    source = BytesSource((folder / "SC_rgb_small_odd_big_endian.dcm").read_bytes())

    assert [len(frame) for frame in _frames(source)] == [28]  # 27 samples


def test_a_single_frame_may_come_in_several_fragments() -> None:
    assert _frames(_picture(_encapsulated(b"", _JPEG, b"rest", b"more"))) == [_JPEG + b"restmore"]


def test_as_many_fragments_as_frames_need_no_table() -> None:
    source = _picture(_encapsulated(b"", b"aa", b"bb", b"cc"), frames=3)

    assert _frames(source) == [b"aa", b"bb", b"cc"]


def test_the_basic_offset_table_groups_fragments() -> None:
    table = pack("<2I", 0, 20)
    source = _picture(_encapsulated(table, b"aa", b"bb", b"cc"), frames=2)

    assert _frames(source) == [b"aabb", b"cc"]


def test_the_extended_offset_table_groups_fragments() -> None:
    tables = _long(tags.EXTENDED_OFFSET_TABLE, b"OV", pack("<2Q", 0, 10)) + _long(
        tags.EXTENDED_OFFSET_TABLE_LENGTHS, b"OV", pack("<2Q", 2, 4)
    )
    source = _picture(_encapsulated(b"", b"aa", b"bb", b"cc"), frames=2, tables=tables)

    assert _frames(source) == [b"aa", b"bbcc"]


@pytest.mark.parametrize("start", [_JPEG, _J2K])
def test_without_a_table_the_start_of_an_image_tells(start: bytes) -> None:
    parts = (start, b"rest", start, b"rest", b"more")

    assert _frames(_picture(_encapsulated(b"", *parts), frames=2)) == [
        start + b"rest",
        start + b"restmore",
    ]


def test_a_table_that_points_nowhere_is_not_believed() -> None:
    parts = (_JPEG, b"rest", _JPEG, b"rest")
    source = _picture(_encapsulated(pack("<2I", 0, 7), *parts), frames=2)

    assert _frames(source) == [_JPEG + b"rest"] * 2


@pytest.mark.parametrize("table", [pack("<2I", 12, 0), pack("<2I", 0, 0), pack("<2I", 5, 9)])
def test_a_table_out_of_order_without_other_evidence_is_refused(table: bytes) -> None:
    source = _picture(_encapsulated(table, b"aaaa", b"bbbb", b"cccc"), frames=2)

    assert _reason(source) is Reason.FRAMES_MISMATCH


def test_fewer_fragments_than_frames_are_refused() -> None:
    assert _reason(_picture(_encapsulated(b"", b"aa"), frames=2)) is Reason.FRAMES_MISMATCH
    assert _reason(_picture(_encapsulated(b""))) is Reason.FRAMES_MISMATCH


def test_a_table_of_more_frames_than_declared_is_refused() -> None:
    source = _picture(_encapsulated(pack("<2I", 0, 10), b"aa", b"bb"))

    assert _reason(source) is Reason.FRAMES_MISMATCH


def test_an_endless_offset_table_is_refused_unread() -> None:
    source = _picture(_encapsulated(bytes(4 * (limits.FRAMES + 1)), b"aa", b"bb"), frames=2)

    assert _reason(source) is Reason.FRAMES_MISMATCH


def test_run_length_frames_cannot_be_told_apart_without_a_table() -> None:
    source = _picture(
        _encapsulated(b"", b"aa", b"bb", b"cc"), frames=2, syntax=transfer_syntaxes.RLE_LOSSLESS
    )

    assert _reason(source) is Reason.FRAMES_MISMATCH


def test_a_video_is_one_frame_however_many_pictures_it_shows() -> None:
    source = _picture(
        _encapsulated(b"", b"stream", b"goes on!"), frames=250, syntax="1.2.840.10008.1.2.4.102"
    )

    assert _frames(source) == [b"streamgoes on!"]
