"""What is this file, judged by its first bytes and never by its name?"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

LOOKED_AT: Final = 1024
"""How many bytes are enough to tell."""

_DICM_AT: Final = 128
_DIRECTORY_CLASS: Final = b"1.2.840.10008.1.3.10"
_LITTLE_GROUPS: Final = (b"\x08\x00", b"\x02\x00")
_BIG_GROUP: Final = b"\x00\x08"
_LARGEST_FIRST_VALUE: Final = 4096
_MAGICS: Final = (
    (b"%PDF-", "pdf"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
)
_PROGRAMS: Final = (
    b"MZ",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"\xfe\xed\xfa\xce",
    b"#!",
    b"MSCF",
    b"ITSF",
    b"[autorun]",
    b"[AutoRun]",
    b"[Autorun]",
    b"\xd0\xcf\x11\xe0",
    b"<!DOCTYPE",
    b"<html",
    b"<?xml",
    b"GIF8",
    b"BM",
    b"\x00\x00\x01\x00",
)


class MediaKind(StrEnum):
    """What a file is, as far as Safelight cares."""

    DICOM = "dicom"
    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    ZIP = "zip"
    DIRECTORY = "dicomdir"
    PROGRAM = "program"
    OTHER = "other"


def kind_of(head: bytes) -> MediaKind:
    """Return what a file is that starts with `head`, its first `LOOKED_AT` bytes."""
    if head[_DICM_AT : _DICM_AT + 4] == b"DICM":
        found = head.find(_DIRECTORY_CLASS, _DICM_AT)
        return MediaKind.DICOM if found < 0 else MediaKind.DIRECTORY
    for magic, name in _MAGICS:
        if head.startswith(magic):
            return MediaKind(name)
    if head.startswith(_PROGRAMS):
        return MediaKind.PROGRAM
    return MediaKind.DICOM if _is_bare_data_set(head) else MediaKind.OTHER


def _is_bare_data_set(head: bytes) -> bool:
    """Say whether this looks like a data set without a preamble: old archives keep such."""
    if len(head) < 16:  # noqa: PLR2004 - two elements
        return False
    little = head[:2] in _LITTLE_GROUPS
    if not little and head[:2] != _BIG_GROUP:
        return False
    if head[4:6].isalpha() and head[4:6].isupper():
        return True
    order = "little" if little else "big"
    return int.from_bytes(head[4:8], order) <= _LARGEST_FIRST_VALUE  # type: ignore[arg-type]
