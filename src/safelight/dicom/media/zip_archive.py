"""What is in a zip archive that may be lying? (APPNOTE.TXT 6.3.10)

Only the central directory is believed, and of it only what the bytes bear out: no
size is trusted, output is counted while it is made, and entries may not overlap.
"""

from __future__ import annotations

import stat
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from safelight.dicom.media.reasons import MediaReason, MediaRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safelight.dicom.source import Source

_PIECE: Final = 64 * 1024
_OUTPUT: Final = 1024 * 1024
_END: Final = struct.Struct("<4s4H2LH")
_END_64: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64: Final = struct.Struct("<4sLQL")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_LONGEST_COMMENT: Final = 65_535
_MASK_16: Final = 0xFFFF
_MASK_32: Final = 0xFFFFFFFF
_ZIP64: Final = 0x0001
_ENCRYPTED: Final = 0x2041  # bits 0, 6 and 13
_UTF8: Final = 0x0800
_UNIX: Final = 3
_STORED: Final = 0
_DEFLATED: Final = 8
_ORDINARY: Final = frozenset({0, stat.S_IFREG, stat.S_IFDIR})


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, as the central directory has it. `name` is for people's eyes only."""

    name: str
    flags: int
    method: int
    checksum: int
    packed: int
    size: int
    mode: int
    offset: int
    reach: int

    @property
    def is_folder(self) -> bool:
        """Say whether the entry only names a folder."""
        return self.name.endswith(("/", "\\")) and self.size == 0

    def refusal(self) -> MediaReason | None:
        """Return why the entry is not unpacked at all, or None."""
        if self.flags & _ENCRYPTED:
            return MediaReason.ENCRYPTED
        if stat.S_IFMT(self.mode) not in _ORDINARY:
            return MediaReason.LINK
        if self.method not in {_STORED, _DEFLATED}:
            return MediaReason.COMPRESSION
        return None


def entries(source: Source, *, most: int) -> list[Entry]:
    """Return up to `most` entries in the order in which they lie in the archive.

    Raises:
        MediaRefusedError: the archive is broken, has more entries, or they overlap.
    """
    start, length, count = _directory(source)
    if count > most:
        raise MediaRefusedError(MediaReason.TOO_MANY)
    found = []
    for entry in _central(source, start, start + length):
        found.append(entry)
        if len(found) > most:
            raise MediaRefusedError(MediaReason.TOO_MANY)
    found.sort(key=lambda entry: entry.offset)
    ends = [entry.offset for entry in found[1:]] + [start]
    if any(entry.reach > end for entry, end in zip(found, ends, strict=False)):
        raise MediaRefusedError(MediaReason.OVERLAPPING)
    return found


def packed_at(source: Source, entry: Entry) -> int:
    """Return where the packed bytes of an entry start."""
    header = source.read(entry.offset, _LOCAL.size)
    if len(header) < _LOCAL.size or header[:4] != b"PK\x03\x04":
        raise MediaRefusedError(MediaReason.BROKEN)
    *_, name, extra = _LOCAL.unpack(header)
    start = entry.offset + _LOCAL.size + int(name) + int(extra)
    if start + entry.packed > source.size:
        raise MediaRefusedError(MediaReason.BROKEN)
    return start


def unpacked(source: Source, entry: Entry) -> Iterator[tuple[int, bytes]]:
    """Yield (packed bytes used so far, next unpacked bytes), at most 1 MiB at a time.

    Raises:
        MediaRefusedError: sizes or checksum are not what the directory says.
    """
    start = at = packed_at(source, entry)
    end = start + entry.packed
    size, checksum = 0, 0
    inflater = zlib.decompressobj(-zlib.MAX_WBITS) if entry.method == _DEFLATED else None
    pending = b""
    while at < end or pending:
        if not pending:
            pending = source.read(at, min(_PIECE, end - at))
            at += len(pending)
            if not pending:
                raise MediaRefusedError(MediaReason.BROKEN)
        try:
            data = inflater.decompress(pending, _OUTPUT) if inflater else pending
        except zlib.error as error:
            raise MediaRefusedError(MediaReason.BROKEN) from error
        pending = inflater.unconsumed_tail if inflater else b""
        size += len(data)
        checksum = zlib.crc32(data, checksum)
        if size > entry.size or (inflater and inflater.unused_data):
            raise MediaRefusedError(MediaReason.FORGED_SIZE)
        yield at - start - len(pending), data
    if inflater and not inflater.eof:
        data = inflater.flush(_OUTPUT)  # a last match may wait for room in the output
        size, checksum = size + len(data), zlib.crc32(data, checksum)
        yield entry.packed, data
    if size != entry.size or (inflater and not inflater.eof):
        raise MediaRefusedError(MediaReason.FORGED_SIZE)
    if checksum != entry.checksum:
        raise MediaRefusedError(MediaReason.CHECKSUM)


def _directory(source: Source) -> tuple[int, int, int]:
    """Return (offset, length, number of entries) of the central directory."""
    tail_at = max(0, source.size - _END.size - _LONGEST_COMMENT)
    tail = source.read(tail_at, source.size - tail_at)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _END.size > len(tail):
        raise MediaRefusedError(MediaReason.BROKEN)
    _, disk, _, _, count, length, start, comment = _END.unpack_from(tail, at)
    if at + _END.size + comment != len(tail) or disk not in {0, _MASK_16}:
        raise MediaRefusedError(MediaReason.BROKEN)
    end = tail_at + at
    if count == _MASK_16 or _MASK_32 in {length, start}:
        start, length, count, end = _directory_64(source, end)
    if start + length > end:
        raise MediaRefusedError(MediaReason.BROKEN)
    return start, length, count


def _directory_64(source: Source, end: int) -> tuple[int, int, int, int]:
    locator = source.read(max(0, end - _LOCATOR_64.size), _LOCATOR_64.size)
    if len(locator) < _LOCATOR_64.size or locator[:4] != b"PK\x06\x07":
        raise MediaRefusedError(MediaReason.BROKEN)
    at = _LOCATOR_64.unpack(locator)[2]
    record = source.read(at, _END_64.size) if at < source.size else b""
    if len(record) < _END_64.size or record[:4] != b"PK\x06\x06":
        raise MediaRefusedError(MediaReason.BROKEN)
    *_, count, length, start = _END_64.unpack(record)
    return int(start), int(length), int(count), int(at)


def _central(source: Source, at: int, end: int) -> Iterator[Entry]:
    """Yield the entries of the central directory, a window of it in memory at a time."""
    window, base = b"", at
    while at < end:
        if base + len(window) < min(end, at + _CENTRAL.size + 3 * _MASK_16):
            base, window = at, source.read(at, min(end - at, 4 * _PIECE))
        record = memoryview(window)[at - base :]
        if len(record) < _CENTRAL.size or bytes(record[:4]) != b"PK\x01\x02":
            raise MediaRefusedError(MediaReason.BROKEN)
        fields = _CENTRAL.unpack_from(record)
        length = _CENTRAL.size + sum(fields[10:13])
        if length > len(record):
            raise MediaRefusedError(MediaReason.BROKEN)
        yield _entry(fields, bytes(record[_CENTRAL.size : length]))
        at += length


def _entry(fields: tuple[int, ...], rest: bytes) -> Entry:
    flags, name_length = fields[3], fields[10]
    raw, extra = rest[:name_length], rest[name_length : name_length + fields[11]]
    size, packed, offset = _sizes(extra, fields[9], fields[8], fields[16])
    return Entry(
        name=raw.decode("utf-8" if flags & _UTF8 else "cp437", "replace"),
        flags=flags,
        method=fields[4],
        checksum=fields[7],
        packed=packed,
        size=size,
        mode=fields[15] >> 16 if fields[1] >> 8 == _UNIX else 0,
        offset=offset,
        reach=offset + _LOCAL.size + name_length + packed,
    )


def _sizes(extra: bytes, *shorts: int) -> tuple[int, int, int]:
    """Return size, packed size and offset, from the zip64 extra field where they are masked."""
    longs: list[int] = []
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == _ZIP64:
            body = extra[at + 4 : at + 4 + length]
            longs = [value for (value,) in struct.iter_unpack("<Q", body[: len(body) // 8 * 8])]
        at += 4 + length
    values = []
    for short in shorts:
        if short == _MASK_32 and not longs:
            raise MediaRefusedError(MediaReason.BROKEN)
        values.append(longs.pop(0) if short == _MASK_32 else short)
    size, packed, offset = values
    return size, packed, offset
