"""How much may one job take?"""

from __future__ import annotations

import math
import resource
from dataclasses import asdict, dataclass
from typing import Any, Final

MIB: Final = 1024 * 1024
_LEAST_SECONDS: Final = 5
_BYTES_A_SECOND: Final = 16 * MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a child may use: address space in bytes, processor seconds for a job, open files."""

    memory: int = 2048 * MIB
    processor: int = 20
    files: int = 16

    def to_wire(self) -> dict[str, Any]:
        """Return the limits as JSON can carry them."""
        return asdict(self)


def limit_process(limits: Limits) -> None:
    """Bound this process for good: memory, open files, no file written, no core dump."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits.files, limits.files))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def frame_seconds(size: int) -> int:
    """Return how many seconds of processor a frame of so many decoded bytes may need.

    Codecs take a few seconds for the largest real frames; damaged ones make some of them
    loop, and a small one must not hold a child for long.
    """
    return _LEAST_SECONDS + size // _BYTES_A_SECOND


def limit_job(limits: Limits, *, processor: int) -> None:
    """Give this process so many more seconds of processor before the kernel ends it."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(spent.ru_utime + spent.ru_stime) + min(processor, limits.processor)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))
