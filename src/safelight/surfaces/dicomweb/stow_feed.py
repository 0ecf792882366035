"""How is a body read while what came of it before is on its way to disk?

A large part comes in hundreds of chunks, and writing each in a thread costs more in hops
than in writing. They are gathered, and one lot is written while the next arrives.
"""

from __future__ import annotations

import asyncio
from typing import Final

from anyio import CancelScope

from safelight.surfaces.dicomweb.stow_parts import BrokenBodyError, Part, PartReader
from safelight.surfaces.dicomweb.work import in_thread

_LOT: Final = 1 << 20  # bytes that are gathered before they are written


class Feed:
    """Chunks on their way into a reader, in their order."""

    def __init__(self, reader: PartReader) -> None:
        """Feed `reader`; nobody else does."""
        self._reader = reader
        self._held: list[bytes] = []
        self._size = 0
        self._writing: asyncio.Future[list[Part]] | None = None

    async def more(self, chunk: bytes) -> list[Part]:
        """Feed one chunk, and return parts that came whole by now."""
        if self._writing is None and not self._held and not self._reader.is_spooling:
            return self._reader.feed(chunk)
        self._held.append(chunk)
        self._size += len(chunk)
        if self._size < _LOT:
            return []
        return await self._written(begin_next=True)

    async def rest(self) -> list[Part]:
        """Feed what was gathered, and return the parts that are still to be told of."""
        return [*await self._written(begin_next=True), *await self._written()]

    @property
    def fault(self) -> BrokenBodyError | None:
        """What is wrong with the body, once every part before that was returned."""
        return self._reader.fault if self._writing is None else None

    async def close(self) -> None:
        """Wait for what is being written, however the body ended."""
        if self._writing is not None:
            # What has begun in a thread is waited for: the reader is let go next.
            with CancelScope(shield=True):
                await asyncio.wait([self._writing])

    async def _written(self, *, begin_next: bool = False) -> list[Part]:
        """Wait for the lot that is being written; then let the next one be."""
        writing, self._writing = self._writing, None
        parts = await writing if writing is not None else []
        if begin_next and self._held and self._reader.fault is None:
            lot, self._held, self._size = b"".join(self._held), [], 0
            self._writing = asyncio.ensure_future(in_thread(self._reader.feed, lot))
        return parts
