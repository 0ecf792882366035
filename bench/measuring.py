"""How are requests timed, from one connection or from several at once, and what does a server use?

Each connection has a process of its own, so that the client's figures are not those of one
interpreter. All begin together.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

_forked = multiprocessing.get_context("fork")
_SAMPLE_EVERY = 0.2
_BEGIN_WITHIN = 120
_PARENT, _USER_TIME, _SYSTEM_TIME = 1, 11, 12  # fields of proc(5) stat after the name


def together(acts: Sequence[Callable[[], object]]) -> tuple[float, list[Any]]:
    """Run each act in a process of its own; return the seconds of all, and what each returned.

    Raises:
        SystemExit: one of them failed; it has said why.
    """
    gate = _forked.Barrier(len(acts) + 1)
    answers = _forked.SimpleQueue()

    def run(number: int, act: Callable[[], object]) -> None:
        gate.wait(_BEGIN_WITHIN)
        answers.put((number, act()))

    processes = [_forked.Process(target=run, args=each) for each in enumerate(acts)]
    for process in processes:
        process.start()
    gate.wait(_BEGIN_WITHIN)
    began = time.perf_counter()
    found: dict[int, object] = {}
    while len(found) < len(acts):
        if answers.empty():
            if any(process.exitcode for process in processes):
                raise SystemExit("a client failed")
            time.sleep(0.001)
            continue
        number, answer = answers.get()
        found[number] = answer
    took = time.perf_counter() - began
    for process in processes:
        process.join()
    return took, [found[number] for number in range(len(acts))]


def latency(act: Callable[[int], object], *, times: int, seconds: float) -> list[float]:
    """Return the milliseconds of each act: at most so many of them, in about so long."""
    spent: list[float] = []
    until = time.perf_counter() + seconds
    while len(spent) < times and (time.perf_counter() < until or not spent):
        began = time.perf_counter()
        act(len(spent))
        spent.append((time.perf_counter() - began) * 1000)
    return spent


def throughput(
    make: Callable[[int], Callable[[int], object]], *, clients: int, seconds: float
) -> float:
    """Return how many acts a second so many clients get through; `make` prepares a client."""

    def client(number: int) -> int:
        return len(latency(make(number), times=10**9, seconds=seconds))

    def prepared(number: int) -> Callable[[], int]:
        return lambda: client(number)

    took, counts = together([prepared(number) for number in range(clients)])
    return float(sum(counts)) / took


def middle(values: Sequence[float]) -> float:
    """Return the median."""
    return float(median(values))


@dataclass(slots=True)
class Used:
    """What a family of processes used: its peak of summed PSS in bytes, and processor seconds."""

    peak: int = 0
    seconds: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)


@contextmanager
def watching(process: int) -> Iterator[Used]:
    """Watch a process and its descendants; what is yielded is complete afterwards."""
    used = Used()
    before = _seconds(process)

    def sample() -> None:
        while True:
            used.peak = max(used.peak, sum(map(_pss, family(process))))
            if used._stop.wait(_SAMPLE_EVERY):  # noqa: SLF001 (our own, two lines above)
                return

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield used
    finally:
        used._stop.set()  # noqa: SLF001 (the same)
        thread.join()
        used.seconds = _seconds(process) - before


def family(process: int) -> list[int]:
    """Return a process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _fields(int(entry.name))):
            children.setdefault(int(fields[_PARENT]), []).append(int(entry.name))
    found = [process]
    for each in found:
        found += children.get(each, [])
    return found


def size_of(folder: Path) -> int:
    """Return how many bytes of the disk a folder's files take."""
    os.sync()
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(Path(place, name)).st_blocks * 512
    return total


def _seconds(process: int) -> float:
    ticks = 0
    for each in family(process):
        if fields := _fields(each):
            ticks += int(fields[_USER_TIME]) + int(fields[_SYSTEM_TIME])
    return ticks / os.sysconf("SC_CLK_TCK")


def _fields(process: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return []


def _pss(process: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) << 10
    return 0
