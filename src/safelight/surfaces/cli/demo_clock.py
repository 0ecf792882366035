"""How does a demo live through a month in a moment? Its processes follow one file.

Only a demo's clock moves: a served instance never calls this.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from safelight.kernel import clock

_FILE: Final = "demo-clock"
_LOOK_EVERY: Final = 0.5


def follow(data: Path) -> None:
    """Let this process's clock follow the demo's, now and from now on."""
    clock.allow_moving()
    _catch_up(data)
    threading.Thread(target=_keep_up, args=(data,), daemon=True, name="demo-clock").start()


def move(data: Path, days: float) -> timedelta:
    """Move the demo's clock by so many days and return how far it is from real time."""
    offset = _kept(data) + timedelta(days=days)
    (data / _FILE).write_text(str(offset.total_seconds()))
    return offset


def _keep_up(data: Path) -> None:
    pause = threading.Event()
    while not pause.wait(_LOOK_EVERY):
        _catch_up(data)


def _catch_up(data: Path) -> None:
    behind = _kept(data) - clock.offset()
    if behind:
        clock.move(behind)


def _kept(data: Path) -> timedelta:
    with suppress(OSError, ValueError):
        return timedelta(seconds=float((data / _FILE).read_text()))
    return timedelta(0)
