"""How is a header read without reading the pixels after it?

A window slides over the source: it grows while the walk goes straight on, and
falls back to its first size when the walk jumps over a long value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from safelight.dicom import limits
from safelight.dicom.reasons import Reason, UnreadableError

if TYPE_CHECKING:
    from safelight.dicom.source import Source

_FIRST: Final = 16 * limits.KIB
_LARGEST: Final = limits.MIB
_GROWTH: Final = 4


class Window:
    """The part of a source that is in memory: `data`, which starts at `base`."""

    __slots__ = ("_left", "_source", "_step", "base", "data", "size")

    def __init__(self, source: Source) -> None:
        self._source = source
        self._step = _FIRST
        self._left = limits.HEADER_BYTES
        self.size = source.size
        self.base = 0
        self.data = b""

    def slide(self, position: int, need: int) -> None:
        """Make the window start at `position` and hold `need` bytes, fewer at the end.

        Raises:
            UnreadableError: the header is too large, or the source gave less than it said.
        """
        if position > self.base + len(self.data):
            self._step = _FIRST
        length = min(max(need, self._step), self.size - position)
        self._step = min(self._step * _GROWTH, _LARGEST)
        self._left -= length
        if self._left < 0:
            raise UnreadableError(Reason.HEADER_TOO_LARGE)
        self.data = self._source.read(position, length)
        self.base = position
        if len(self.data) < length:
            raise UnreadableError(Reason.TRUNCATED)

    def take(self, position: int, length: int) -> bytes:
        """Return exactly these bytes.

        Raises:
            UnreadableError: they are not all there.
        """
        at = position - self.base
        if at < 0 or at + length > len(self.data):
            self.slide(position, length)
            at = 0
        value = self.data[at : at + length]
        if len(value) < length:
            raise UnreadableError(Reason.TRUNCATED)
        return value
