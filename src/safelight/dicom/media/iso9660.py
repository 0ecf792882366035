"""How do files become the image of a disc? As ISO 9660, level 1 (ECMA-119, PS3.12 annex F).

Where everything lies follows from the sizes, so an image is written from its beginning to its
end while the files are read, and nothing is held. Folders lie in the root alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from struct import pack
from typing import Final

SECTOR: Final = 2048
LARGEST: Final = (1 << 32) - SECTOR
"""Bytes of one file at most: what one extent can hold."""

_SYSTEM: Final = 16
_PATHS: Final = 18
_ROOT: Final = 20
_NAME: Final = re.compile(r"[A-Z0-9_]{1,8}(\.[A-Z0-9_]{1,3})?", re.ASCII)
_FOLDER: Final = 2
_FIXED: Final = 33
_NEVER: Final = b"0" * 16 + b"\0"


@dataclass(frozen=True, slots=True)
class DiscFile:
    """One file: its place ("DICOM", "00000001"), its size, and what yields its bytes."""

    place: tuple[str, ...]
    size: int
    pieces: Callable[[], Iterator[bytes]]


class UnfitFileError(ValueError):
    """This file cannot lie on such a disc."""


def image(files: Sequence[DiscFile], *, volume: str, at: datetime) -> Iterator[bytes]:
    """Yield the image of a disc; the files lie on it in the order given.

    Raises:
        UnfitFileError: a name or a size cannot be written, or a file is not as long as was said.
    """
    for each in files:
        is_named = len(each.place) in {1, 2} and all(_NAME.fullmatch(name) for name in each.place)
        if not is_named or not 0 <= each.size <= LARGEST:
            raise UnfitFileError
    return _Layout(files, volume, at.astimezone(UTC)).written()


@dataclass(frozen=True, slots=True)
class _Extent:
    """Where something lies: its first sector, and its bytes."""

    sector: int
    size: int


class _Layout:
    def __init__(self, files: Sequence[DiscFile], volume: str, at: datetime) -> None:
        self.files, self.volume, self.at = files, volume, at
        self.folders = sorted({each.place[0] for each in files if len(each.place) > 1})
        # What is listed in each folder, by name as it is written; "" is the root.
        self.listed: dict[str, list[tuple[bytes, str]]] = {name: [] for name in ("", *self.folders)}
        self.listed[""] += [(name.encode(), name) for name in self.folders]
        for each in files:
            folder = each.place[0] if len(each.place) > 1 else ""
            self.listed[folder].append((_written(each.place[-1]), "/".join(each.place)))
        self.extents: dict[str, _Extent] = {}
        sector = _ROOT
        for name, listed in self.listed.items():
            listed.sort()
            self.extents[name] = _Extent(sector, _packed_size([len(each) for each, _ in listed]))
            sector += self.extents[name].size // SECTOR
        for each in files:
            self.extents["/".join(each.place)] = _Extent(sector, each.size)
            sector += -(-each.size // SECTOR)
        self.sectors = sector

    def written(self) -> Iterator[bytes]:
        yield bytes(_SYSTEM * SECTOR)
        yield self._descriptor()
        yield b"\xffCD001\x01".ljust(SECTOR, b"\0")
        yield self._paths("<").ljust(SECTOR, b"\0")
        yield self._paths(">").ljust(SECTOR, b"\0")
        for name in self.listed:
            yield self._directory(name)
        for each in self.files:
            size = 0
            for piece in each.pieces():
                size += len(piece)
                if size > each.size:
                    raise UnfitFileError
                yield piece
            if size != each.size:
                raise UnfitFileError
            if padding := bytes(-size % SECTOR):
                yield padding

    def _directory(self, name: str) -> bytes:
        """Return the records of a folder; none lies across the end of a sector."""
        made = bytearray()
        own = [(b"\0", name), (b"\1", "")]
        for written, what in [*own, *self.listed[name]]:
            record = self._record(written, what)
            if len(made) % SECTOR + len(record) > SECTOR:
                made += bytes(-len(made) % SECTOR)
            made += record
        return bytes(made).ljust(self.extents[name].size, b"\0")

    def _record(self, written: bytes, what: str) -> bytes:
        extent = self.extents[what]
        at = self.at
        made = b"".join(
            (
                bytes((_record_size(len(written)), 0)),
                _both("I", extent.sector),
                _both("I", extent.size),
                bytes((at.year - 1900, at.month, at.day, at.hour, at.minute, at.second, 0)),
                bytes((_FOLDER if what in self.listed else 0, 0, 0)),
                _both("H", 1),
                bytes((len(written),)),
                written,
            )
        )
        return made + bytes(len(made) % 2)

    def _paths(self, order: str) -> bytes:
        """Return the table of folders; the root is the first, and above all others."""
        made = b""
        for name in self.listed:
            written = name.encode() or b"\0"
            made += pack(f"{order}BBIH", len(written), 0, self.extents[name].sector, 1)
            made += written + bytes(len(written) % 2)
        return made

    def _descriptor(self) -> bytes:
        paths = len(self._paths("<"))
        if paths > SECTOR:
            raise UnfitFileError
        now = self.at.strftime("%Y%m%d%H%M%S00").encode() + b"\0"
        blank = b" "
        return b"".join(
            (
                b"\x01CD001\x01\0",
                blank * 32,
                self.volume.encode("ascii").ljust(32),
                bytes(8),
                _both("I", self.sectors),
                bytes(32),
                _both("H", 1),
                _both("H", 1),
                _both("H", SECTOR),
                _both("I", paths),
                pack("<II", _PATHS, 0),
                pack(">II", _PATHS + 1, 0),
                self._record(b"\0", ""),
                blank * (128 * 4 + 37 * 3),
                now + now + _NEVER + _NEVER,
                b"\x01\0",
            )
        ).ljust(SECTOR, b"\0")


def _both(kind: str, number: int) -> bytes:
    """Write a number in both byte orders."""
    return pack(f"<{kind}", number) + pack(f">{kind}", number)


def _written(name: str) -> bytes:
    """Return a file's name as a directory writes it: with its dot and its version."""
    return f"{name if '.' in name else name + '.'};1".encode()


def _record_size(name: int) -> int:
    return _FIXED + name + (1 - name % 2)


def _packed_size(names: Sequence[int]) -> int:
    used = 0
    for name in (1, 1, *names):
        size = _record_size(name)
        if used % SECTOR + size > SECTOR:
            used += -used % SECTOR
        used += size
    return used + -used % SECTOR
