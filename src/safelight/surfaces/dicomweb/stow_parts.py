"""How is a multipart body taken apart while it arrives?

Small parts stay in memory, large ones go to a sealed spool, so memory does not
grow with the upload and nothing readable touches the disk. Limits: 10,000 parts,
8 KiB of headers a part.
"""

from __future__ import annotations

from typing import Final

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser

from safelight.dicom.source import BytesSource, Source
from safelight.exchange.receive.spools import LargePart, new_large_part
from safelight.kernel.errors import ExpectedError

IN_MEMORY: Final = 16 << 20
_PARTS: Final = 10_000
_HEADER_BYTES: Final = 8 << 10


class BrokenBodyError(ExpectedError):
    """The body is not a complete multipart message."""

    code = "broken_multipart"


class PartReader:
    """Feed it chunks; it gives back each part that is complete: (number, source)."""

    def __init__(self, boundary: bytes) -> None:
        """Prepare to read parts between `boundary` lines."""
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_part_data": self._data,
                "on_part_end": self._end,
                "on_header_field": self._header,
                "on_header_value": self._header,
                "on_end": self._over,
            },
        )
        self._ready: list[tuple[int, Source]] = []
        self._number = -1
        self._header_bytes = 0
        self._buffer = bytearray()
        self._spool: LargePart | None = None
        self.is_complete = False

    def feed(self, chunk: bytes) -> list[tuple[int, Source]]:
        """Read one chunk and return the parts it completed.

        Raises:
            BrokenBodyError: this is not multipart, or it is beyond the limits.
        """
        try:
            self._parser.write(chunk)
        except MultipartParseError:
            raise BrokenBodyError from None
        ready, self._ready = self._ready, []
        return ready

    def leftover(self) -> int | None:
        """Return the number of a part that was begun and never ended."""
        return None if self.is_complete or self._number < 0 else self._number

    def close(self) -> None:
        """Let go of a spool that was begun."""
        if self._spool is not None:
            self._spool.discard()

    def _begin(self) -> None:
        self._number += 1
        self._header_bytes = 0
        self._buffer = bytearray()
        self._spool = None
        if self._number >= _PARTS:
            raise BrokenBodyError("There are more than 10,000 parts.")

    def _header(self, _data: bytes, start: int, end: int) -> None:
        self._header_bytes += end - start
        if self._header_bytes > _HEADER_BYTES:
            raise BrokenBodyError("The headers of a part are longer than 8 KiB.")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._spool is not None:
            self._spool.append(data[start:end])
            return
        self._buffer += memoryview(data)[start:end]
        if len(self._buffer) > IN_MEMORY:
            self._spool = new_large_part()
            self._spool.append(bytes(self._buffer))
            self._buffer = bytearray()

    def _end(self) -> None:
        if self._spool is None:
            self._ready.append((self._number, BytesSource(bytes(self._buffer))))
        else:
            self._spool.flush()
            self._ready.append((self._number, self._spool))
        self._spool = None
        self._buffer = bytearray()

    def _over(self) -> None:
        self.is_complete = True


def discard(source: Source) -> None:
    """Let go of what a source held on disk."""
    if isinstance(source, LargePart):
        source.discard()
