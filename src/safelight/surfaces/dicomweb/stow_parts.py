"""How is a multipart body taken apart while it arrives?

Small parts stay in memory, large ones go to a sealed spool, so memory does not
grow with the upload and nothing readable touches the disk. Limits: 10,000 parts,
8 KiB of headers a part.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from python_multipart.exceptions import FormParserError, MultipartParseError
from python_multipart.multipart import MultipartParser

from safelight.dicom.source import BytesSource, Source
from safelight.exchange.receive.spools import LargePart, NoRoomError, new_large_part
from safelight.kernel.errors import ExpectedError

IN_MEMORY: Final = 16 << 20
PARTS: Final = 10_000
_HEADER_BYTES: Final = 8 << 10
# Its warnings quote the body.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)


class BrokenBodyError(ExpectedError):
    """The body is not a complete multipart message."""

    code = "broken_multipart"


@dataclass(frozen=True, slots=True)
class Part:
    """One part that has come whole, and its headers by their names in small letters.

    `source` is None where there was no room for it.
    """

    number: int
    source: Source | None
    headers: Mapping[str, str] = field(default_factory=dict)

    def discard(self) -> None:
        """Let go of what the part held on disk."""
        if isinstance(self.source, LargePart):
            self.source.discard()


class PartReader:
    """Feed it chunks; it gives back each part that is complete.

    `number` is that of the part being read, counted from 0, or -1; `fault` says
    why the body can no longer be followed.
    """

    def __init__(self, boundary: bytes) -> None:
        """Prepare to read parts between `boundary` lines.

        Raises:
            BrokenBodyError: this cannot be a boundary.
        """
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_part_data": self._data,
                    "on_part_end": self._end,
                    "on_header_field": self._header_name,
                    "on_header_value": self._header_value,
                    "on_header_end": self._header_end,
                    "on_end": self._over,
                },
            )
        except FormParserError:
            raise BrokenBodyError from None
        self._ready: list[Part] = []
        self._header_bytes = 0
        self._name = self._value = b""
        self._headers: dict[str, str] = {}
        self._buffer = bytearray()
        self._spool: LargePart | None = None
        self._no_room = False
        self._is_over = False
        self.number = -1
        self.fault: BrokenBodyError | None = None

    @property
    def is_spooling(self) -> bool:
        """Whether the part being read goes to disk."""
        return self._spool is not None

    def feed(self, chunk: bytes) -> list[Part]:
        """Read one chunk and return the parts it completed, also those before a fault."""
        try:
            self._parser.write(chunk)
        except MultipartParseError:
            self.fault = BrokenBodyError()
        except BrokenBodyError as error:
            self.fault = error
        ready, self._ready = self._ready, []
        return ready

    def leftover(self) -> int | None:
        """Return the number of a part that was begun and never ended."""
        return None if self._is_over or self.number < 0 else self.number

    def close(self) -> None:
        """Let go of a spool that was begun, and of parts that nobody took."""
        if self._spool is not None:
            self._spool.discard()
        for part in self._ready:
            part.discard()

    def _begin(self) -> None:
        self.number += 1
        self._header_bytes = 0
        self._headers = {}
        self._buffer = bytearray()
        self._no_room = False
        if self.number >= PARTS:
            raise BrokenBodyError("There are more than 10,000 parts.")

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._name.decode("latin-1").lower()] = self._value.decode("latin-1").strip()
        self._name = self._value = b""

    def _count(self, more: int) -> None:
        self._header_bytes += more
        if self._header_bytes > _HEADER_BYTES:
            raise BrokenBodyError("The headers of a part are longer than 8 KiB.")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._no_room:
            return
        if self._spool is not None:
            self._to_disk(memoryview(data)[start:end])
            return
        self._buffer += memoryview(data)[start:end]
        if len(self._buffer) > IN_MEMORY:
            # Not as a copy: this is the most that a request ever holds.
            self._to_disk(memoryview(self._buffer))
            self._buffer = bytearray()

    def _to_disk(self, data: memoryview) -> None:
        try:
            if self._spool is None:
                self._spool = new_large_part()
            self._spool.append(data)
        except NoRoomError:
            # This part is lost, the next may be small enough.
            self._no_room = True
            if self._spool is not None:
                self._spool.discard()
                self._spool = None

    def _end(self) -> None:
        source: Source | None = self._spool
        if self._no_room:
            source = None
        elif source is None:
            source = BytesSource(bytes(self._buffer))
        self._ready.append(Part(self.number, source, self._headers))
        self._spool = None
        self._buffer = bytearray()

    def _over(self) -> None:
        self._is_over = True
