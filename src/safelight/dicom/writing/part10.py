"""How does a data set become a file? (PS3.10 section 7.1)"""

from __future__ import annotations

from collections.abc import Iterator
from struct import pack, unpack_from
from typing import Final

from safelight.dicom.reading.prologue import PREAMBLE, PREFIX
from safelight.dicom.registry import tags

IMPLEMENTATION_CLASS_UID: Final = "2.25.290521591362223340143375883640228827521"
"""Names Safelight as the writer of a file; made once from random bits."""

IMPLEMENTATION_VERSION_NAME: Final = "SAFELIGHT"

_VERSION: Final = b"\0\1"
_GROUP_LENGTH_AT: Final = 140
_GROUP_AT: Final = 144


def file_meta(sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str) -> bytes:
    """Return preamble, prefix and file meta group for a data set that follows."""
    group = b"".join(
        (
            _version(),
            _short(tags.MEDIA_STORAGE_SOP_CLASS_UID, b"UI", sop_class_uid),
            _short(tags.MEDIA_STORAGE_SOP_INSTANCE_UID, b"UI", sop_instance_uid),
            _short(tags.TRANSFER_SYNTAX_UID, b"UI", transfer_syntax_uid),
            _short(tags.IMPLEMENTATION_CLASS_UID, b"UI", IMPLEMENTATION_CLASS_UID),
            _short(tags.IMPLEMENTATION_VERSION_NAME, b"SH", IMPLEMENTATION_VERSION_NAME),
        )
    )
    length = pack("<HH2sHI", 2, 0, b"UL", 4, len(group))
    return bytes(PREAMBLE) + PREFIX + length + group


def _version() -> bytes:
    return pack("<HH2sHI", 2, 1, b"OB", 0, len(_VERSION)) + _VERSION


def _short(tag: int, vr: bytes, text: str) -> bytes:
    value = text.encode("ascii")
    if len(value) % 2:
        value += b"\0" if vr == b"UI" else b" "
    return pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value


def data_set_of(pieces: Iterator[bytes], at: int | None = None) -> Iterator[bytes]:
    """Leave of a file its data set, which begins `at` a byte, or where its group 0002 says."""
    head = bytearray()
    for piece in pieces:
        head += piece
        if at is None and len(head) >= _GROUP_AT:
            at = _GROUP_AT + int(unpack_from("<I", head, _GROUP_LENGTH_AT)[0])
        if at is not None and len(head) >= at:
            yield bytes(head[at:])
            break
    yield from pieces
