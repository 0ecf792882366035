"""How does one object come in that is the whole body of a request?"""

from __future__ import annotations

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from safelight.dicom.source import BytesSource, Source
from safelight.exchange.receive.delivery import Delivery
from safelight.exchange.receive.models import Channel
from safelight.exchange.receive.spools import LargePart, NoRoomError, new_large_part
from safelight.exchange.receive.verdicts import STORAGE_FULL
from safelight.kernel import clock
from safelight.surfaces.dicomweb.accept import choose
from safelight.surfaces.dicomweb.callers import sender
from safelight.surfaces.dicomweb.stow import EmptyBodyError
from safelight.surfaces.dicomweb.stow_answer import JSON, answer
from safelight.surfaces.dicomweb.stow_parts import IN_MEMORY
from safelight.surfaces.dicomweb.work import in_thread


async def begin_delivery(request: Request) -> Delivery:
    """Open a delivery of this request's sender, once the answer's form is agreed.

    Raises:
        NotSignedInError, MayNotStoreError, NotAcceptableError.
    """
    choose(request, [JSON, "application/json"])
    at = clock.now()
    study = request.path_params.get("study", "")

    def begin() -> Delivery:
        return Delivery.start(sender(request, at=at), Channel.STOW, at=at, only_study=study)

    return await in_thread(begin)


async def store_one(request: Request) -> Response:
    """Store the one object that the body is."""
    delivery = await begin_delivery(request)
    held = Held()
    try:
        async for chunk in request.stream():
            if held.is_spooling:
                await in_thread(held.add, chunk)
            else:
                held.add(chunk)
        if not held.size:
            raise EmptyBodyError
        await in_thread(_take, delivery, held)
        verdicts = await in_thread(lambda: delivery.finish(at=clock.now()))
    except ClientDisconnect:
        held.discard()
        raise
    finally:
        held.discard()
    return answer(verdicts)


def _take(delivery: Delivery, held: Held) -> None:
    source = held.source()
    if source is None:
        delivery.refuse(0, STORAGE_FULL)
    else:
        delivery.take(0, source)


class Held:
    """Bytes as they come: in memory while they are few, in a sealed spool after that."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._buffer = bytearray()
        self._spool: LargePart | None = None
        self._no_room = False
        self.size = 0

    @property
    def is_spooling(self) -> bool:
        """Whether what comes next goes to disk."""
        return self._spool is not None

    def add(self, data: bytes) -> None:
        """Take more bytes in."""
        self.size += len(data)
        if self._no_room:
            return
        try:
            if self._spool is not None:
                self._spool.append(data)
                return
            self._buffer += data
            if len(self._buffer) > IN_MEMORY:
                self._spool = new_large_part()
                self._spool.append(bytes(self._buffer))
                self._buffer = bytearray()
        except NoRoomError:
            self._no_room = True
            self.discard()

    def source(self) -> Source | None:
        """Return what came; None where there was no room for it."""
        if self._no_room:
            return None
        return self._spool or BytesSource(bytes(self._buffer))

    def discard(self) -> None:
        """Let go of what is held on disk."""
        if self._spool is not None:
            self._spool.discard()
            self._spool = None
