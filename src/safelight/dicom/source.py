"""Where do the bytes of a data set come from?

Everything in `dicom/` reads through `Source`: random access to bytes that may
be a buffer, a sealed spool or a record in a pack. Nothing here opens a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator

_AT_ONCE = 1 << 20  # bytes


class Source(Protocol):
    """Bytes that any number of threads can read anywhere; fewer come only at the end."""

    @property
    def size(self) -> int:
        """How many bytes there are."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes that start at `offset`."""
        ...


@runtime_checkable
class Streaming(Source, Protocol):
    """A source that can make ready what comes next while something is done to what came."""

    def stream(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes [start, stop) in order; fewer only where the source ends."""
        ...


def streamed(source: Source, start: int, stop: int) -> Iterator[bytes]:
    """Yield the bytes [start, stop) in order, in pieces; fewer only where the source ends."""
    if isinstance(source, Streaming):
        yield from source.stream(start, stop)
        return
    for at in range(start, stop, _AT_ONCE):
        yield source.read(at, min(_AT_ONCE, stop - at))


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
