"""What does a caged child do, from its start to its end?

It is forked off a warm process (`nursery`) in which every decoder is loaded. Before its
first job it leaves the network, bounds itself and gives up all system calls but those of
computing; then it answers jobs from its pipe until the pipe closes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from safelight.kernel.errors import ExpectedError
from safelight.platform.cage.errors import CageError
from safelight.platform.cage.isolation import leave_machine, leave_network
from safelight.platform.cage.limits import Limits, limit_job, limit_process
from safelight.platform.cage.protocol import MOST_PAYLOAD, Channel, ClosedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import NoReturn

    Answer = tuple[dict[str, Any], bytes]
    Jobs = Mapping[str, Callable[[dict[str, Any], bytes], Answer]]


def live(channel: Channel, jobs: Jobs, limits: Limits) -> NoReturn:
    """Serve `jobs` until the server closes the pipe; never return to the nursery's code."""
    try:
        walls = leave_network()
        limit_process(limits)
        walls += leave_machine()
        channel.send({"ready": [wall.value for wall in walls]})
        while True:
            request, payload = channel.receive(most=MOST_PAYLOAD)
            limit_job(limits, processor=request.get("processor", limits.processor))
            channel.send(*_answer(jobs, request, payload))
    except (ClosedError, CageError, MemoryError):
        # the pipe is closed or out of step, or memory is spent: start afresh
        os._exit(0)
    finally:
        os._exit(1)


def _answer(jobs: Jobs, request: dict[str, Any], payload: bytes) -> Answer:
    """Do one job. Of an error only a code leaves: its text may quote the file."""
    try:
        return jobs[request["job"]](request, payload)
    except ExpectedError as error:
        reason = getattr(error, "reason", None)
        return {"refused": str(reason or error.code)}, b""
    except MemoryError:
        return {"refused": "memory"}, b""
    except BaseException:  # noqa: BLE001 - decoders raise anything, Rust ones not even Exceptions
        return {"refused": "undecodable"}, b""
