"""What is in a JPEG file, and what of it may be kept?

For the cage only. A photograph carries more than its picture: where and when it was
taken, by which phone, a small copy of what was cut away. Only the picture is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from safelight.dicom.documents.reasons import DocumentReason, DocumentRefusedError

_SOI: Final = 0xD8
_EOI: Final = 0xD9
_SOS: Final = 0xDA
_BASELINE: Final = 0xC0
_JFIF: Final = 0xE0
_ADOBE: Final = 0xEE
_COMMENT: Final = 0xFE
_APPLICATIONS: Final = range(0xE0, 0xF0)
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE: Final = frozenset(range(0xD0, 0xD8)) | {0x01}
_END: Final = b"\xff\xd9"
_ADOBE_LENGTH: Final = 16
_MARKER_AFTER_SCAN: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class JpegPicture:
    """A JPEG stream without its metadata."""

    data: bytes
    baseline: bool
    precision: int
    rows: int
    columns: int
    components: int
    subsampled: bool
    adobe_transform: int | None
    is_jfif: bool


def read_jpeg(data: bytes) -> JpegPicture:
    """Return the picture in a JPEG file; entropy-coded bytes are kept as they are.

    Raises:
        DocumentRefusedError: it is no JPEG, or is broken.
    """
    if data[:2] != b"\xff\xd8":
        raise DocumentRefusedError(DocumentReason.NOT_WHAT_IT_SAYS)
    kept = bytearray(data[:2])
    frame: tuple[int, bytes] | None = None
    adobe: int | None = None
    jfif = False
    at = 2
    while data[at : at + 2] != _END:
        marker, segment, at = _segment(data, at)
        if marker == _JFIF and segment[4:9] == b"JFIF\0":
            jfif = True
        elif marker == _ADOBE and segment[4:9] == b"Adobe" and len(segment) == _ADOBE_LENGTH:
            adobe = segment[-1]
        elif marker in _APPLICATIONS or marker == _COMMENT:
            continue
        elif marker in _FRAMES:
            frame = marker, segment
        kept += segment
        if marker == _SOS:
            start, at = at, _end_of_scan(data, at)
            kept += data[start:at]
    if frame is None:
        raise DocumentRefusedError(DocumentReason.BROKEN)
    return _described(bytes(kept) + _END, frame, adobe, jfif=jfif)


def _end_of_scan(data: bytes, at: int) -> int:
    found = _MARKER_AFTER_SCAN.search(data, at)
    if found is None:
        raise DocumentRefusedError(DocumentReason.BROKEN)
    return found.start()


def _described(
    data: bytes, frame: tuple[int, bytes], adobe: int | None, *, jfif: bool
) -> JpegPicture:
    kind, segment = frame
    components = segment[9]
    if len(segment) < 10 + 3 * components or components == 0:
        raise DocumentRefusedError(DocumentReason.BROKEN)
    return JpegPicture(
        data=data,
        baseline=kind == _BASELINE,
        precision=segment[4],
        rows=int.from_bytes(segment[5:7], "big"),
        columns=int.from_bytes(segment[7:9], "big"),
        components=components,
        subsampled=len({segment[11 + 3 * number] for number in range(components)}) > 1,
        adobe_transform=adobe,
        is_jfif=jfif,
    )


def _segment(data: bytes, at: int) -> tuple[int, bytes, int]:
    """Return the marker at `at`, its whole segment, and where the next one starts."""
    while data[at : at + 2] == b"\xff\xff":
        at += 1
    if len(data) < at + 4 or data[at] != 0xFF:  # noqa: PLR2004 - every marker starts so
        raise DocumentRefusedError(DocumentReason.BROKEN)
    marker = data[at + 1]
    if marker in _STANDALONE:
        return marker, data[at : at + 2], at + 2
    length = int.from_bytes(data[at + 2 : at + 4], "big")
    shortest = 8 if marker in _FRAMES else 2
    if marker in {_SOI, _EOI} or length < shortest or at + 2 + length > len(data):
        raise DocumentRefusedError(DocumentReason.BROKEN)
    return marker, data[at : at + 2 + length], at + 2 + length
