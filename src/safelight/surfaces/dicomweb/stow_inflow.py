"""How is an object looked at and sealed while the next one is still arriving?

Hashing, compressing and sealing leave the interpreter to others, so two objects are
worked on in threads while the loop goes on reading. The newest object is held back: if
it is the last, it is sealed in the same thread that commits, without a hop in between.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Final

from safelight.exchange.receive.delivery import Delivery
from safelight.exchange.receive.intake import Taken
from safelight.exchange.receive.verdicts import SENTENCES, STORAGE_FULL, Ruling, Verdict
from safelight.surfaces.dicomweb.stow_parts import Part
from safelight.surfaces.dicomweb.work import in_thread

_AT_ONCE: Final = 2
_BEFORE_YES: Final = 4 << 20  # bytes that may arrive while it is decided who sends them


class Inflow:
    """One request's objects on their way into a delivery, in the sender's order."""

    def __init__(self, begin: Callable[[], Delivery]) -> None:
        """Let `begin` decide in a thread while the body's first bytes arrive."""
        self._beginning = asyncio.ensure_future(in_thread(begin))
        self._delivery: Delivery | None = None
        self._looking: deque[asyncio.Future[Taken | Verdict]] = deque()
        self._newest: Part | None = None
        self._arrived = 0

    async def arrived(self, size: int) -> None:
        """Note bytes that arrive: not many before the sender is known to be let in.

        Raises:
            NotSignedInError, MayNotStoreError.
        """
        self._arrived += size
        if self._delivery is None and (self._beginning.done() or self._arrived > _BEFORE_YES):
            self._delivery = await self._beginning

    async def delivery(self) -> Delivery:
        """Return the delivery, once it is decided. Raises like `arrived`."""
        if self._delivery is None:
            self._delivery = await self._beginning
        return self._delivery

    async def take(self, part: Part) -> None:
        """Take one part that has come whole."""
        delivery = await self.delivery()
        if self._newest is not None:
            if len(self._looking) >= _AT_ONCE:
                await self._add_oldest(delivery)
            self._looking.append(asyncio.ensure_future(in_thread(_look, delivery, self._newest)))
        self._newest = part

    async def keep(self) -> None:
        """Make durable what had come whole, of a body that breaks off."""
        delivery = await self.delivery()
        await self._add_all(delivery)
        last, self._newest = self._newest, None

        def close() -> None:
            if last is not None:
                delivery.add(_look(delivery, last))
            delivery.close_group()

        await in_thread(close)

    async def finish(self, at: Callable[[], datetime]) -> list[Verdict]:
        """Take in what is left, close the delivery, and return all verdicts."""
        delivery = await self.delivery()
        await self._add_all(delivery)
        last, self._newest = self._newest, None

        def finish() -> list[Verdict]:
            if last is not None:
                delivery.add(_look(delivery, last))
            return delivery.finish(at=at())

        return await in_thread(finish)

    async def close(self) -> None:
        """Let go of what nobody took, however it ended."""
        await asyncio.gather(self._beginning, *self._looking, return_exceptions=True)
        if self._newest is not None:
            self._newest.discard()

    async def _add_all(self, delivery: Delivery) -> None:
        while self._looking:
            await self._add_oldest(delivery)

    async def _add_oldest(self, delivery: Delivery) -> None:
        delivery.add(await self._looking.popleft())
        if delivery.is_full:
            await in_thread(delivery.close_group)


def _look(delivery: Delivery, part: Part) -> Taken | Verdict:
    if part.source is None:
        return Verdict(part.number, Ruling.REFUSED, STORAGE_FULL, SENTENCES[STORAGE_FULL])
    try:
        return delivery.look(part.number, part.source)
    finally:
        part.discard()
