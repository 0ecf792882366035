"""Bytes made to hurt end in a named reason, soon and without much memory."""

from __future__ import annotations

import time
import tracemalloc
import zlib
from struct import pack

import pytest

from safelight.dicom import limits
from safelight.dicom.reading.index import Reason, UnreadableError, index, scan
from safelight.dicom.registry import transfer_syntaxes
from safelight.dicom.source import BytesSource
from safelight.dicom.writing.part10 import file_meta

_SC = "1.2.840.10008.5.1.4.1.1.7"
_UNDEFINED = 0xFFFFFFFF
_SECONDS = 6.0  # of processor: a shared core counts a second twice at worst


def _short(tag: int, vr: bytes, value: bytes) -> bytes:
    return pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value


def _long(tag: int, vr: bytes, value: bytes, length: int | None = None) -> bytes:
    stated = len(value) if length is None else length
    return pack("<HH2sHI", tag >> 16, tag & 0xFFFF, vr, 0, stated) + value


def _item(value: bytes, length: int | None = None) -> bytes:
    return pack("<HHI", 0xFFFE, 0xE000, len(value) if length is None else length) + value


_END_ITEM = pack("<HHI", 0xFFFE, 0xE00D, 0)
_END_SEQUENCE = pack("<HHI", 0xFFFE, 0xE0DD, 0)
_IDENTITY = (
    _short(0x00080016, b"UI", _SC.encode() + b"\0"),
    _short(0x00080018, b"UI", b"1.2.3.4\0"),
    _short(0x0020000D, b"UI", b"1.2.3\0"),
    _short(0x0020000E, b"UI", b"1.2.3.5\0"),
)


def _file(*elements: bytes, syntax: str = transfer_syntaxes.EXPLICIT_LITTLE) -> bytes:
    return file_meta(_SC, "1.2.3.4", syntax) + b"".join(elements)


def _reason(data: bytes) -> Reason | None:
    began = time.process_time()
    try:
        index(BytesSource(data))
    except UnreadableError as error:
        return error.reason
    finally:
        assert time.process_time() - began < _SECONDS
    return None


def _nested(levels: int, *, delimited: bool) -> bytes:
    if delimited:
        opened = _long(0x00081140, b"SQ", b"", _UNDEFINED) + _item(b"", _UNDEFINED)
        return opened * levels + (_END_ITEM + _END_SEQUENCE) * levels
    inner = b""
    for _ in range(levels):
        inner = _long(0x00081140, b"SQ", _item(inner))
    return inner


def test_an_object_without_pixels_is_readable() -> None:
    header = index(BytesSource(_file(*_IDENTITY)))

    assert header.pixels is None
    assert header.study_instance_uid == "1.2.3"


@pytest.mark.parametrize("levels", [33, 200, 1000, 20_000])
def test_nesting_beyond_the_limit_is_refused(levels: int) -> None:
    assert _reason(_file(*_IDENTITY, _nested(levels, delimited=True))) is Reason.TOO_DEEP


@pytest.mark.parametrize("levels", [33, 1000])
def test_nesting_with_stated_lengths_is_refused_as_well(levels: int) -> None:
    assert _reason(_file(*_IDENTITY, _nested(levels, delimited=False))) is Reason.TOO_DEEP


@pytest.mark.parametrize("delimited", [True, False])
def test_nesting_up_to_the_limit_is_read(delimited: bool) -> None:  # noqa: FBT001 (a parameter)
    data = _file(*_IDENTITY, _nested(limits.DEPTH, delimited=delimited))

    assert _reason(data) is None


def test_half_a_million_items_are_refused() -> None:
    items = _long(0x00081140, b"SQ", _item(b"") * 500_000)

    assert _reason(_file(*_IDENTITY, items)) is Reason.TOO_MANY_ITEMS


def test_elements_beyond_the_limit_are_refused() -> None:
    elements = b"".join(
        pack("<HH2sH", 0x0009 + 2 * (number >> 15), 0x1000 + (number & 0x7FFF), b"LO", 0)
        for number in range(limits.ELEMENTS + 1)
    )

    assert _reason(_file(elements)) is Reason.TOO_MANY_ELEMENTS


def test_the_same_element_again_and_again_is_refused() -> None:
    elements = _short(0x00091000, b"LO", b"") * (limits.ELEMENTS + 1)

    assert _reason(_file(elements)) is Reason.TOO_MANY_ELEMENTS


def test_elements_in_implicit_encoding_are_counted_as_well() -> None:
    elements = pack("<HHI", 0x0008, 0x0008, 0) * (limits.ELEMENTS + 1)
    data = _file(elements, syntax=transfer_syntaxes.IMPLICIT_LITTLE)

    assert _reason(data) is Reason.TOO_MANY_ELEMENTS


_VALUE = b"0123456789"


@pytest.mark.parametrize("length", [len(_VALUE) + 1, 0x7FFFFFFF, 0xFFFFFFFE])
@pytest.mark.parametrize("vr", [b"OB", b"OW", b"UT", b"UN", b"UC", b"SQ"])
def test_a_length_that_lies_is_refused_before_anything_is_read(vr: bytes, length: int) -> None:
    data = _file(*_IDENTITY, _long(0x00420011, vr, _VALUE, length))

    assert _reason(data) is Reason.LENGTH_BEYOND_END


@pytest.mark.parametrize("vr", [b"UT", b"UC", b"OD"])
def test_an_undefined_length_where_none_may_be_is_refused(vr: bytes) -> None:
    data = _file(*_IDENTITY, _long(0x00420011, vr, _VALUE, _UNDEFINED))

    assert _reason(data) is Reason.MALFORMED


@pytest.mark.parametrize("vr", [b"OB", b"UN", b"SQ"])
def test_an_undefined_length_without_items_is_refused(vr: bytes) -> None:
    data = _file(*_IDENTITY, _long(0x00420011, vr, _VALUE, _UNDEFINED))

    assert _reason(data) is Reason.MALFORMED


@pytest.mark.parametrize("length", [len(_VALUE) + 1, 0x7FFFFFFF, 0xFFFFFFFE])
def test_an_item_longer_than_its_sequence_is_refused(length: int) -> None:
    data = _file(*_IDENTITY, _long(0x00081140, b"SQ", _item(_VALUE, length)))

    assert _reason(data) is Reason.LENGTH_BEYOND_END


def test_a_short_length_in_an_item_is_refused() -> None:
    inner = _item(_short(0x00080060, b"CS", b"CT") + b"\0\0\0")

    assert _reason(_file(*_IDENTITY, _long(0x00081140, b"SQ", inner))) is Reason.MALFORMED


@pytest.mark.parametrize("length", [1, 3, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF])
def test_a_fragment_with_a_lying_length_is_refused(length: int) -> None:
    pixels = _long(
        0x7FE00010, b"OB", _item(b"") + _item(_VALUE, length) + _END_SEQUENCE, _UNDEFINED
    )

    assert _reason(_file(*_IDENTITY, pixels)) in {Reason.LENGTH_BEYOND_END, Reason.MALFORMED}


def test_encapsulated_pixels_without_their_delimiter_are_refused() -> None:
    pixels = _long(0x7FE00010, b"OB", _item(b"") + _item(_VALUE), _UNDEFINED)

    assert _reason(_file(*_IDENTITY, pixels)) is Reason.TRUNCATED


def test_a_delimiter_that_closes_nothing_is_refused() -> None:
    assert _reason(_file(*_IDENTITY, _END_ITEM)) is Reason.MALFORMED


@pytest.mark.parametrize("data", [b"", b"DICM", bytes(132), b"PK\3\4" * 100, b"<html>" * 50])
def test_what_is_not_dicom_is_called_so(data: bytes) -> None:
    assert _reason(data) is Reason.NOT_DICOM


def test_a_file_of_a_bare_preamble_is_cut_off() -> None:
    assert _reason(bytes(128) + b"DICM") is Reason.TRUNCATED


def test_a_deflate_bomb_is_refused_with_bounded_memory() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(bytes(16 * limits.MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    bomb = block * 64 + packer.flush()
    assert len(bomb) < limits.MIB
    data = _file(bomb, syntax=transfer_syntaxes.DEFLATED)
    tracemalloc.start()
    try:
        assert _reason(data) is Reason.INFLATE_TOO_LARGE
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 256 * limits.MIB


def test_a_broken_deflate_stream_is_refused() -> None:
    data = _file(b"\xff" * 64, syntax=transfer_syntaxes.DEFLATED)

    assert _reason(data) is Reason.INFLATE_BROKEN


def test_a_deflate_stream_that_ends_early_is_cut_off() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    stream = packer.compress(b"".join(_IDENTITY) * 100) + packer.flush()
    data = _file(stream[: len(stream) // 2], syntax=transfer_syntaxes.DEFLATED)

    assert _reason(data) is Reason.TRUNCATED


def test_long_values_are_not_kept_in_memory() -> None:
    document = _long(0x00420011, b"OB", bytes(limits.KEPT_VALUE + 2))
    header = scan(BytesSource(_file(*_IDENTITY, document)))

    assert header.raw(0x00420011) is None
    assert header.elements[0x00420011].length == limits.KEPT_VALUE + 2


def test_a_header_that_never_ends_is_refused() -> None:
    value = bytes(60_000)
    element = _short(0x00091000, b"LO", value)
    source = _Endless(_file(), element, copies=3000)

    with pytest.raises(UnreadableError) as refused:
        scan(source)
    assert refused.value.reason is Reason.HEADER_TOO_LARGE


class _Endless:
    """A file whose tail repeats one element, made while it is read."""

    def __init__(self, head: bytes, element: bytes, copies: int) -> None:
        self._head = head
        self._element = element
        self.size = len(head) + len(element) * copies

    def read(self, offset: int, length: int) -> bytes:
        length = min(length, self.size - offset)
        if offset < len(self._head):
            rest = self.read(len(self._head), length - len(self._head) + offset)
            return self._head[offset : offset + length] + rest
        at = (offset - len(self._head)) % len(self._element)
        copies = self._element * (2 + length // len(self._element))
        return copies[at : at + length]
