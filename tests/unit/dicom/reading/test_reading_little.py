"""Indexing reads the header and jumps over everything long."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from struct import pack

import pydicom
import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from safelight.dicom.json.model import to_json
from safelight.dicom.pixels.frames import frame_table
from safelight.dicom.reading.index import index
from safelight.dicom.registry import tags, transfer_syntaxes
from safelight.dicom.source import BytesSource
from safelight.dicom.writing.part10 import file_meta

_FOLDER = Path(pydicom.__file__).parent / "data" / "test_files"
_CT = (_FOLDER / "CT_small.dcm").read_bytes()


@dataclass
class _Counted:
    """A source that remembers how much of it was read."""

    data: bytes
    taken: int = 0
    reads: list[tuple[int, int]] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self, offset: int, length: int) -> bytes:
        found = self.data[offset : offset + length]
        self.taken += len(found)
        self.reads.append((offset, len(found)))
        return found


def _large(*, encapsulated: bool, after: bytes = b"") -> bytes:
    """Return a picture of 8 MiB; its header is that of the small CT."""
    head = _CT[: index(BytesSource(_CT)).elements[tags.PIXEL_DATA].offset - 12]
    head = head.replace(
        pack("<HH2sHH", 0x28, 0x10, b"US", 2, 128), pack("<HH2sHH", 0x28, 0x10, b"US", 2, 2048)
    )
    head = head.replace(
        pack("<HH2sHH", 0x28, 0x11, b"US", 2, 128), pack("<HH2sHH", 0x28, 0x11, b"US", 2, 2048)
    )
    pixels = bytes(2048 * 2048 * 2)
    start = pack("<HH2sH", 0x7FE0, 0x10, b"OW", 0)
    if not encapsulated:
        return head + start + pack("<I", len(pixels)) + pixels + after
    items = pack("<HHI", 0xFFFE, 0xE000, 0) + pack("<HHI", 0xFFFE, 0xE000, len(pixels)) + pixels
    return head + start + b"\xff" * 4 + items + pack("<HHI", 0xFFFE, 0xE0DD, 0) + after


@pytest.mark.parametrize("encapsulated", [False, True])
def test_eight_mebibytes_of_pixels_are_not_read(encapsulated: bool) -> None:  # noqa: FBT001
    source = _Counted(_large(encapsulated=encapsulated))
    header = index(source)
    table = frame_table(header, source)

    assert source.taken < 64 * 1024
    assert sum(piece.length for frame in table.frames for piece in frame) == 2048 * 2048 * 2


@pytest.mark.parametrize("encapsulated", [False, True])
def test_elements_after_the_pixels_are_found(encapsulated: bool) -> None:  # noqa: FBT001
    after = pack("<HH2sHI", 0xFFFC, 0xFFFC, b"OB", 0, 4) + bytes(4)
    source = _Counted(_large(encapsulated=encapsulated, after=after))
    header = index(source)

    assert tags.DATA_SET_TRAILING_PADDING in header.elements
    assert header.dataset_offset + header.data_size == source.size
    assert source.taken < 64 * 1024


@pytest.mark.parametrize("hidden", [b"PK\3\4" + b"zip" * 100, bytes(100), b"\0\0\0"])
def test_what_hides_behind_the_data_set_is_no_part_of_it(hidden: bytes) -> None:
    alone, followed = _large(encapsulated=False), _large(encapsulated=False, after=hidden)

    header = index(BytesSource(followed))

    assert header.dataset_offset + header.data_size == len(alone)
    assert to_json(header) == to_json(index(BytesSource(alone)))


def _encoded(syntax: pydicom.uid.UID) -> bytes:
    """Return the small MR in a little endian syntax."""
    if syntax == DeflatedExplicitVRLittleEndian:
        plain = _encoded(ExplicitVRLittleEndian)
        header = index(BytesSource(plain))
        packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        meta = file_meta(header.sop_class_uid, header.sop_instance_uid, syntax)
        return meta + packer.compress(plain[header.dataset_offset :]) + packer.flush()
    data_set = pydicom.dcmread(_FOLDER / "MR_small.dcm")
    data_set.file_meta.TransferSyntaxUID = syntax
    buffer = BytesIO()
    data_set.save_as(buffer)
    return buffer.getvalue()


_SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian]


@pytest.mark.parametrize("syntax", _SYNTAXES, ids=str)
def test_every_encoding_tells_the_same(syntax: pydicom.uid.UID) -> None:
    wanted = to_json(index(BytesSource((_FOLDER / "MR_small.dcm").read_bytes())))
    header = index(BytesSource(_encoded(syntax)))

    assert header.transfer_syntax == syntax
    assert to_json(header) == wanted


def test_big_endian_tells_the_same_but_for_words_in_binary() -> None:
    wanted = to_json(index(BytesSource((_FOLDER / "MR_small.dcm").read_bytes())))
    found = to_json(index(BytesSource((_FOLDER / "MR_small_bigendian.dcm").read_bytes())))

    differ = {tag for tag in wanted if found.get(tag) != wanted[tag]}

    assert differ <= {"FFFCFFFC"}


def test_a_data_set_without_file_meta_is_guessed_from_its_first_element() -> None:
    plain = (_FOLDER / "MR_small.dcm").read_bytes()
    start = index(BytesSource(plain)).dataset_offset
    header = index(BytesSource(plain[start:]))

    assert header.transfer_syntax == transfer_syntaxes.EXPLICIT_LITTLE
    assert header.dataset_offset == 0
    assert not header.meta


def test_a_file_without_its_preamble_is_read() -> None:
    plain = (_FOLDER / "MR_small.dcm").read_bytes()

    assert to_json(index(BytesSource(plain[132:]))) == to_json(index(BytesSource(plain)))


def test_a_wrong_group_length_misleads_nobody() -> None:
    plain = (_FOLDER / "MR_small.dcm").read_bytes()
    at = plain.index(pack("<HH2sH", 2, 0, b"UL", 4)) + 8
    for stated in (0, 1, 60, 5000, 0xFFFFFFFF):
        wrong = plain[:at] + pack("<I", stated) + plain[at + 4 :]
        header = index(BytesSource(wrong))
        assert to_json(header) == to_json(index(BytesSource(plain)))
        assert {tag >> 16 for tag in header.meta} == {2}
