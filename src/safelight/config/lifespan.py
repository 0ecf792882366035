"""What is to be done when the server starts, and still when it stops?"""

from __future__ import annotations

from starlette.types import Receive, Send

from safelight.exchange.release.viewing.looks import write_down_counts
from safelight.platform.cage.cage import cage
from safelight.records.accounts.allowances import settle
from safelight.surfaces.dicomweb.work import in_thread


async def closing_down(receive: Receive, send: Send) -> None:
    """Answer the server's start and stop messages; write down counted pictures at the end."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            cage().pool.start()  # the first picture does not wait for a decoder to start
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await in_thread(write_down_counts)
            await in_thread(settle)
            await send({"type": "lifespan.shutdown.complete"})
            return
