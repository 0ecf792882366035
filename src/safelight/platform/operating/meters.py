"""What is counted while the program runs, by what, and how does it come together?

Each process of a family counts into files of its own, which one member reads (prometheus-client's
multi-process way). Nothing is counted, and the library is not loaded, unless that was asked for.
Labels are taken from fixed sets: the routes as they are written, methods, status classes.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Histogram

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER: Final = "other"
_SECONDS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)
_SHORT: Final = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 1.0)
_STATUS_CLASSES: Final = {number: f"{number}xx" for number in range(1, 6)}
_NOT_ANSWERED: Final = "none"


class Meters:
    """What a family counts."""

    def __init__(self) -> None:
        # Only now: the library looks at its environment when it is loaded.
        from prometheus_client import CollectorRegistry, Counter, Histogram  # noqa: PLC0415

        kept = CollectorRegistry()
        self.requests: Histogram = Histogram(
            "safelight_request_seconds",
            "Requests, by route, method and class of the answer",
            ("route", "method", "status"),
            buckets=_SECONDS,
            registry=kept,
        )
        self.sent: Counter = Counter(
            "safelight_sent_bytes",
            "Bytes of bodies that were sent, by route",
            ("route",),
            registry=kept,
        )
        self.frames: Counter = Counter(
            "safelight_frames_served", "Frames that were sent as they are stored", registry=kept
        )
        self.decisions: Histogram = Histogram(
            "safelight_decision_seconds",
            "Time of the one decision point",
            buckets=_SHORT,
            registry=kept,
        )
        self.cage: Counter = Counter(
            "safelight_cage_jobs",
            "Jobs of the cage, by how they ended",
            ("outcome",),
            registry=kept,
        )


_meters: Meters | None = None


def begin(folder: Path) -> None:
    """Count from now on, in this process and those it starts, into files of this folder."""
    global _meters  # noqa: PLW0603 (one for each process, none unless asked for)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    _meters = Meters()


def gathered() -> CollectorRegistry:
    """Return what all processes have counted, to be read anew each time."""
    from prometheus_client import CollectorRegistry, multiprocess  # noqa: PLC0415 (only if asked)

    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def is_on() -> bool:
    """Say whether anything is counted."""
    return _meters is not None


def request_answered(
    route: str, method: str, status: int, *, seconds: float, sent: int, frames: int
) -> None:
    """Count one request."""
    if _meters is None:
        return
    known = method if method in METHODS else OTHER
    status_class = _STATUS_CLASSES.get(status // 100, _NOT_ANSWERED)
    _meters.requests.labels(route, known, status_class).observe(seconds)
    if sent:
        _meters.sent.labels(route).inc(sent)
    if frames:
        _meters.frames.inc(frames)


def decided(seconds: float) -> None:
    """Count one question to the decision point."""
    if _meters is not None:
        _meters.decisions.observe(seconds)


def cage_job_ended(outcome: str) -> None:
    """Count one job of the cage: "done", "refused" or "lost"."""
    if _meters is not None:
        _meters.cage.labels(outcome).inc()
