"""Where do the bytes of a data set come from?

Everything in `dicom/` reads through `Source`: random access to bytes that may
be a buffer, a sealed spool or a record in a pack. Nothing here opens a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Protocol


class Source(Protocol):
    """Bytes that can be read anywhere; `read` returns fewer bytes only at the end."""

    @property
    def size(self) -> int:
        """How many bytes there are."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes that start at `offset`."""
        ...


class Piece(NamedTuple):
    """A stretch of a source, in bytes."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class BytesSource:
    """A source that is already in memory."""

    data: bytes
    size: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", len(self.data))

    def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes that start at `offset`."""
        return self.data[offset : offset + length]
