"""What is still to be done when the server stops?"""

from __future__ import annotations

from starlette.types import Receive, Send

from safelight.exchange.release.looks import write_down_counts
from safelight.surfaces.dicomweb.work import in_thread


async def closing_down(receive: Receive, send: Send) -> None:
    """Answer the server's start and stop messages; write down counted pictures at the end."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await in_thread(write_down_counts)
            await send({"type": "lifespan.shutdown.complete"})
            return
