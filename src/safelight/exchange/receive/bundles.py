"""What is in a bundle that a browser sent: many small files, told apart by a manifest?

The magic line `SLBNDL1`, the manifest's length (4 bytes, big-endian), the manifest (JSON),
then the files' bytes in the manifest's order and nothing after them. The names
that the files had are not in it: they may name people, and stay in the browser.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import orjson

from safelight.dicom.source import Source
from safelight.exchange.receive.errors import BundleBrokenError

MAGIC: Final = b"SLBNDL1\n"
LARGEST_MANIFEST: Final = 4 << 20
MOST_FILES: Final = 5000
_HEAD: Final = struct.Struct(">I")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LONGEST_TITLE: Final = 64


class FileKind(StrEnum):
    """What the browser took a file for."""

    DICOM = "dicom"
    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledFile:
    """One file of a bundle. `number` is its number in the batch; `on` is YYYYMMDD or empty."""

    number: int
    offset: int
    size: int
    sha256: str
    kind: FileKind
    title: str = ""
    on: str = ""


@dataclass(frozen=True, slots=True)
class Slice:
    """A stretch of another source, as a source."""

    whole: Source
    start: int
    size: int

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes at `offset` of the stretch, fewer only at its end."""
        stop = min(offset + length, self.size)
        if offset < 0 or offset >= stop:
            return b""
        return self.whole.read(self.start + offset, stop - offset)


def files_of(bundle: Source) -> tuple[BundledFile, ...]:
    """Read the manifest and check it against the bundle's size.

    Raises:
        BundleBrokenError: it is not a bundle, or not the one its manifest describes.
    """
    start = len(MAGIC) + _HEAD.size
    head = bundle.read(0, start)
    if len(head) < start or not head.startswith(MAGIC):
        raise BundleBrokenError
    (length,) = _HEAD.unpack_from(head, len(MAGIC))
    if length > min(LARGEST_MANIFEST, bundle.size - start):
        raise BundleBrokenError
    try:
        lines = orjson.loads(bundle.read(start, length))["files"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise BundleBrokenError from None
    if not isinstance(lines, list) or len(lines) > MOST_FILES:
        raise BundleBrokenError
    files: list[BundledFile] = []
    offset = start + length
    for line in lines:
        files.append(_file(line, offset))
        offset += files[-1].size
    if offset != bundle.size or len({each.number for each in files}) != len(files):
        raise BundleBrokenError
    return tuple(files)


def _file(line: Any, offset: int) -> BundledFile:  # noqa: ANN401 (what JSON holds)
    try:
        number, size, sha256 = line["n"], line["size"], line["sha256"]
        kind = FileKind(line["kind"])
        declared = line.get("declared", {})
        title, day = declared.get("title", ""), declared.get("study_date", "")
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BundleBrokenError from None
    # A boolean is an int in Python; a manifest that says `true` for a size is broken.
    counted = type(number) is int and type(size) is int and number >= 0 and size >= 0
    said = isinstance(title, str) and isinstance(day, str) and isinstance(sha256, str)
    if not (counted and said and _SHA256.fullmatch(sha256)):
        raise BundleBrokenError
    if len(title) > _LONGEST_TITLE or (day and not _DAY.fullmatch(day)):
        raise BundleBrokenError
    return BundledFile(
        number=number,
        offset=offset,
        size=size,
        sha256=sha256,
        kind=kind,
        title=title,
        on=day.replace("-", ""),
    )
