"""What can a compressed frame say beside its picture?

The formats of the JPEG family let a comment, or a camera's notes, stand before the
picture, and anything at all after it. Both are blanked in place: no length changes, and
the picture is decoded from the same bytes as before.
"""

from __future__ import annotations

import re
from struct import Struct
from typing import Final

from safelight.dicom.reasons import Reason, UnreadableError

_JPEG: Final = b"\xff\xd8\xff"
_JPEG_2000: Final = b"\xff\x4f\xff\x51"
_END: Final = b"\xff\xd9"
_DATA: Final = b"\xff\x93"
_MARKER: Final = re.compile(rb"\xff[\x80-\xcf\xd8-\xfe]")  # but restarts, which are in a scan
_LENGTH: Final = Struct(">H").unpack_from
_LONG_LENGTH: Final = Struct(">I").unpack_from
_ADOBE: Final = 0xEE  # says which colours are meant
_JFIF: Final = 0xE0
_COMMENT: Final = 0xFE
_COMMENT_2000: Final = 0x64
_SCAN: Final = 0xDA
_TILE: Final = 0x90
_KEPT: Final = {_JFIF: 14, _ADOBE: 12}
_LEAST: Final = 2
_RLE_HEADER: Final = 64
_RLE_SEGMENTS: Final = 15
_REPEATED: Final = 128


def quieted(frame: bytes, *, run_lengths: int = 0) -> bytes:
    """Return a frame with the same picture, and nothing said beside it.

    `run_lengths` is how many bytes each segment of an RLE frame unpacks to, 0 for others.

    Raises:
        UnreadableError: it is not built as its format says.
    """
    if run_lengths:
        return _quiet_rle(frame, run_lengths)
    quiet = bytearray(frame)
    if frame.startswith(_JPEG):
        end = _quiet_jpeg(frame, quiet)
    elif frame.startswith(_JPEG_2000):
        end = _quiet_jpeg_2000(frame, quiet)
    else:
        raise UnreadableError(Reason.BAD_PIXELS)
    quiet[end:] = bytes(len(frame) - end)
    return bytes(quiet)


def _quiet_jpeg(frame: bytes, quiet: bytearray) -> int:
    """Blank what is said before, between and behind the scans; return where the picture ends."""
    at = len(_END)
    while frame[at : at + 2] != _END:
        marker, start, stop = _segment(frame, at)
        if marker == _COMMENT or _JFIF <= marker < _JFIF + 16:
            kept = min(_KEPT.get(marker, 0), stop - start)
            quiet[start + kept : stop] = bytes(stop - start - kept)
        at = stop
        if marker == _SCAN:
            found = _MARKER.search(frame, stop)
            if found is None:
                raise UnreadableError(Reason.BAD_PIXELS)
            at = found.start()
    return at + len(_END)


def _quiet_jpeg_2000(frame: bytes, quiet: bytearray) -> int:
    """Do the same for a code stream, whose tiles have headers of their own."""
    at, part = len(_END), -1
    while frame[at : at + 2] != _END:
        if frame[at : at + 2] == _DATA:
            # A part of a tile says how long it is; the last one may go on to the end.
            (length,) = _LONG_LENGTH(frame, part + 6)
            at = part + length if length else frame.rfind(_END)
            if at <= part or at > len(frame) - len(_END):
                raise UnreadableError(Reason.BAD_PIXELS)
            continue
        marker, start, stop = _segment(frame, at)
        if marker == _COMMENT_2000:
            quiet[start:stop] = bytes(stop - start)
        if marker == _TILE:
            part = at
        at = stop
    return at + len(_END)


def _segment(frame: bytes, at: int) -> tuple[int, int, int]:
    """Return the marker of the segment at a place, and where what it says starts and stops."""
    if at + 4 > len(frame) or frame[at] != 0xFF:  # noqa: PLR2004 (every marker begins so)
        raise UnreadableError(Reason.BAD_PIXELS)
    (length,) = _LENGTH(frame, at + 2)
    if length < _LEAST or at + 2 + length > len(frame):
        raise UnreadableError(Reason.BAD_PIXELS)
    return frame[at + 1], at + 4, at + 2 + length


def _quiet_rle(frame: bytes, size: int) -> bytes:
    """Keep the runs that make up the segments, and nothing between or after them."""
    count = int.from_bytes(frame[:4], "little")
    if len(frame) < _RLE_HEADER or not 1 <= count <= _RLE_SEGMENTS:
        raise UnreadableError(Reason.BAD_PIXELS)
    quiet = bytearray(len(frame))
    quiet[: 4 + 4 * count] = frame[: 4 + 4 * count]
    for number in range(count):
        start = int.from_bytes(frame[4 + 4 * number : 8 + 4 * number], "little")
        stop = _end_of_runs(frame, start, size)
        quiet[start:stop] = frame[start:stop]
    return bytes(quiet)


def _end_of_runs(frame: bytes, at: int, size: int) -> int:
    made = 0
    while made < size:
        if not _RLE_HEADER <= at < len(frame):
            raise UnreadableError(Reason.BAD_PIXELS)
        run = frame[at]
        if run < _REPEATED:
            made, at = made + run + 1, at + run + 2
        elif run > _REPEATED:
            made, at = made + 257 - run, at + 2
        else:
            at += 1
    return min(at, len(frame))
