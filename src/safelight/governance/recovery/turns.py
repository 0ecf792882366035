"""Whose turn is it to back up? One run at a time has the staging folder."""

from __future__ import annotations

import fcntl
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from safelight.governance.recovery.errors import BackupUnderWayError

_LOOK_EVERY: Final = 0.2  # seconds


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Have an empty staging folder below `folder`, and be the only one who has it.

    Raises:
        BackupUnderWayError: another run has it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupUnderWayError from None
        shutil.rmtree(folder / "staging", ignore_errors=True)
        (folder / "staging").mkdir(mode=0o700)
        try:
            yield
        finally:
            shutil.rmtree(folder / "staging", ignore_errors=True)


def is_under_way(folder: Path) -> bool:
    """Tell whether a run is at it now."""
    try:
        with (folder / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def wait_for_turn(folder: Path, patience: float) -> None:
    """Wait until no run is under way, `patience` seconds at the longest.

    Raises:
        BackupUnderWayError: it still is.
    """
    ends = time.monotonic() + patience
    while is_under_way(folder):
        if time.monotonic() > ends:
            raise BackupUnderWayError
        time.sleep(_LOOK_EVERY)
