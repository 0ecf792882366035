"""What does a caged child do, from its start to its end?

It leaves the network, imports the decoders and tries each once (so that nothing has
to be loaded later), bounds itself, and then answers jobs from its pipe until the
pipe closes. It runs as `python -m safelight.platform.cage.child LIMITS`.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Any, Final

import orjson

from safelight.kernel.errors import ExpectedError
from safelight.platform.cage.errors import CageError
from safelight.platform.cage.isolation import leave_machine, leave_network
from safelight.platform.cage.limits import Limits, limit_job, limit_process
from safelight.platform.cage.protocol import MOST_PAYLOAD, Channel, ClosedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Answer = tuple[dict[str, Any], bytes]
    Jobs = Mapping[str, Callable[[dict[str, Any], bytes], Answer]]

WORK: Final = "safelight.platform.cage.work"


def main(work: str = WORK) -> None:
    """Serve the jobs of the module `work` until the server closes the pipe."""
    channel = _take_pipes()
    limits = Limits(**orjson.loads(sys.argv[1]))
    walls = leave_network()
    jobs: Jobs = importlib.import_module(work).JOBS  # not above: it starts threads
    importlib.import_module(work).warm()
    limit_process(limits)
    walls += leave_machine()
    channel.send({"ready": [wall.value for wall in walls]})
    try:
        while True:
            request, payload = channel.receive(most=MOST_PAYLOAD)
            limit_job(limits)
            channel.send(*_answer(jobs, request, payload))
    except (ClosedError, CageError, MemoryError):
        # the pipe is closed or out of step, or memory is spent: start afresh
        os._exit(0)


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


def _take_pipes() -> Channel:
    """Keep the pipes and put /dev/null in their place, where native code may print."""
    incoming, outgoing = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    os.close(null)
    return Channel(incoming, outgoing)


if __name__ == "__main__":
    main()
