"""What is in the image of a disc that may be lying? (ISO 9660: ECMA-119; PS3.12 annex F)

The first tree is read, which PS3.12 asks for; Joliet, Rock Ridge and UDF name the same files
anew and are passed over. No folder is entered twice, no two files share a part of their bytes,
and what lies beyond the end is refused. A file is read where it lies, and nothing is copied.
"""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from safelight.dicom.media.reasons import MediaReason, MediaRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safelight.dicom.source import Source

SECTOR: Final = 2048
MARK_AT: Final = 16 * SECTOR + 1
_MARK: Final = b"CD001"
_UDF_MARKS: Final = (b"BEA01", b"NSR02", b"NSR03")
_RAW_SYNC: Final = b"\0" + b"\xff" * 10 + b"\0"
_DESCRIPTORS: Final = range(16, 16 + 64)
_PRIMARY: Final = 1
_LAST: Final = 255
_DEEPEST: Final = 64
_LARGEST_FOLDERS: Final = 64 << 20
"""Bytes of all folders' records together at most."""
_LONGEST_NAMES: Final = 16 << 20
"""Letters of all names together at most, each with the folders above it."""
_ROOT_AT: Final = 156
_SHORTEST: Final = 34
_FOLDER, _ASSOCIATED, _MORE = 0x02, 0x04, 0x80
_EXTENT: Final = struct.Struct("<I4xI")


@dataclass(frozen=True, slots=True)
class Extent:
    """Where bytes lie: from here, so many."""

    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Member:
    """One file on the disc. `name` is for people's eyes only."""

    name: str
    extents: tuple[Extent, ...]
    is_interleaved: bool

    @property
    def size(self) -> int:
        """Return how many bytes it has."""
        return sum(each.size for each in self.extents)

    def source(self, image: Source) -> Source:
        """Return its bytes where they lie.

        Raises:
            MediaRefusedError: they are not all there, or lie in a way that we do not read.
        """
        if self.is_interleaved:
            raise MediaRefusedError(MediaReason.LAYOUT)
        if any(each.offset + each.size > image.size for each in self.extents):
            raise MediaRefusedError(MediaReason.CUT_OFF)
        return _Lying(image, self.extents, self.size)


def is_image(source: Source) -> bool:
    """Say whether this is the image of a disc, of whatever kind."""
    mark = source.read(MARK_AT, len(_MARK))
    return mark == _MARK or mark in _UDF_MARKS or source.read(0, 12) == _RAW_SYNC


def members(image: Source, *, most: int) -> list[Member]:
    """Return up to `most` files in the order in which they lie on the disc.

    Raises:
        MediaRefusedError: the image is broken or of another kind, or its files are too many,
            loop or lie over one another.
    """
    found: list[Member] = []
    walk = _Walk(image, most)
    waiting = deque([("", _root(image), 0)])
    while waiting:
        above, extent, depth = waiting.popleft()
        parts: list[Extent] = []
        for record in walk.records_of(extent, above):
            name = above + record.name
            if record.flags & _FOLDER:
                if depth == _DEEPEST:
                    raise MediaRefusedError(MediaReason.LOOPING)
                waiting.append((f"{name}/", record.extent, depth + 1))
                continue
            if record.flags & _ASSOCIATED:
                continue
            parts.append(record.extent)
            if record.flags & _MORE:
                continue
            filled = [each for each in parts if each.size] or parts[:1]
            found.append(Member(name, tuple(filled), record.is_interleaved))
            parts = []
        if parts:
            raise MediaRefusedError(MediaReason.BROKEN)
    return _apart(found, walk.folders)


def _apart(found: list[Member], folders: list[Extent]) -> list[Member]:
    """Return the files that lie each on its own; a second name of the same bytes is left out."""
    once = {member.extents: member for member in reversed(found)}
    lying = [part for extents in once for part in extents if part.size] + folders
    lying.sort(key=lambda each: each.offset)
    for one, other in pairwise(lying):
        if one.offset + one.size > other.offset:
            raise MediaRefusedError(MediaReason.OVERLAPPING)
    return sorted(once.values(), key=lambda each: each.extents[0].offset)


@dataclass(frozen=True, slots=True)
class _Record:
    name: str
    extent: Extent
    flags: int
    is_interleaved: bool


class _Walk:
    """The folders that were entered: none twice, and not too much of them."""

    def __init__(self, image: Source, most: int) -> None:
        self.image = image
        self.most = most
        self.folders: list[Extent] = []
        self._seen: set[int] = set()
        self._read = self._listed = self._named = 0

    def records_of(self, extent: Extent, above: str) -> Iterator[_Record]:
        """Yield what is listed in a folder, but for itself and what is above it."""
        if extent.offset in self._seen:
            raise MediaRefusedError(MediaReason.LOOPING)
        self._seen.add(extent.offset)
        self._read += extent.size
        if self._read > _LARGEST_FOLDERS:
            raise MediaRefusedError(MediaReason.TOO_MANY)
        if extent.offset + extent.size > self.image.size:
            raise MediaRefusedError(MediaReason.CUT_OFF)
        if extent.size:
            self.folders.append(extent)
        for start in range(0, extent.size, SECTOR):
            length = min(SECTOR, extent.size - start)
            for record in _records(self.image.read(extent.offset + start, length)):
                self._listed += 1
                self._named += len(above) + len(record.name)
                if self._listed > self.most or self._named > _LONGEST_NAMES:
                    raise MediaRefusedError(MediaReason.TOO_MANY)
                yield record


def _records(sector: bytes) -> Iterator[_Record]:
    at = 0
    while at < len(sector) and (length := sector[at]):
        record = sector[at : at + length]
        if length < _SHORTEST or len(record) < length or 33 + record[32] > length:
            raise MediaRefusedError(MediaReason.BROKEN)
        raw = record[33 : 33 + record[32]]
        if raw not in {b"", b"\0", b"\1"}:
            name = raw.decode("latin-1").partition(";")[0].removesuffix(".")
            # A name is one step: what stands in it for a way is shown, and refused as odd.
            name = name.replace("/", "\\..\\") if "/" in name else name
            yield _Record(name, _extent(record), record[25], bool(record[26] or record[27]))
        at += length


def _extent(record: bytes) -> Extent:
    sector, size = _EXTENT.unpack_from(record, 2)
    return Extent((int(sector) + record[1]) * SECTOR, int(size))


def _root(image: Source) -> Extent:
    """Return where the uppermost folder lies."""
    for number in _DESCRIPTORS:
        descriptor = image.read(number * SECTOR, SECTOR)
        if len(descriptor) < SECTOR or descriptor[1:6] != _MARK or descriptor[0] == _LAST:
            break
        if descriptor[0] == _PRIMARY:
            if struct.unpack_from("<H", descriptor, 128) != (SECTOR,):
                raise MediaRefusedError(MediaReason.OTHER_IMAGE)
            return _extent(descriptor[_ROOT_AT : _ROOT_AT + _SHORTEST])
    is_iso = image.read(MARK_AT, len(_MARK)) == _MARK
    raise MediaRefusedError(MediaReason.BROKEN if is_iso else MediaReason.OTHER_IMAGE)


@dataclass(frozen=True, slots=True)
class _Lying:
    """The bytes of one file, in the parts in which they lie on the disc."""

    image: Source
    extents: tuple[Extent, ...]
    size: int

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes at `offset`, fewer only at the end."""
        found = []
        for each in self.extents:
            if length > 0 and 0 <= offset < each.size:
                found.append(self.image.read(each.offset + offset, min(length, each.size - offset)))
                length -= len(found[-1])
                offset = 0
            else:
                offset -= each.size
                if offset < 0:
                    break
        return b"".join(found)
