"""Which packs does no row point to any more, and may therefore go?

A crash between sync and commit leaves a pack that nobody will ever read. It is
an orphan once no row names it, no living process writes it, and it has not
changed for an hour by the file system's own clock.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from typing import TYPE_CHECKING

from safelight.platform.storage.errors import PackMissingError
from safelight.platform.storage.pack_file import is_pack_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

IDLE_FOR = 3600.0  # seconds


def packs(folder: Path) -> Iterator[str]:
    """Name every pack below the data folder."""
    for path in sorted(folder.glob("packs/*/*/*.pack")):
        name = path.relative_to(folder).as_posix()
        if is_pack_name(name):
            yield name


def idle(folder: Path, *, idle_for: float = IDLE_FOR) -> Iterator[tuple[str, int]]:
    """Name the packs that nobody writes, and how many bytes each has."""
    for name in packs(folder):
        if _is_idle(folder / name, idle_for):
            with contextlib.suppress(FileNotFoundError):
                yield name, (folder / name).stat().st_size


def size_of(folder: Path, name: str) -> int | None:
    """Say how many bytes a pack has; None where there is no such pack."""
    try:
        return (folder / name).stat().st_size if is_pack_name(name) else None
    except FileNotFoundError:
        return None


def begin_hour(folder: Path, name: str) -> None:
    """Let a pack count as changed now, so that its hour of being left alone begins anew."""
    with contextlib.suppress(FileNotFoundError):
        os.utime(folder / name)


def orphans(
    folder: Path, *, is_known: Callable[[str], bool], idle_for: float = IDLE_FOR
) -> Iterator[str]:
    """Name the packs that no row points to and nobody writes."""
    for name in packs(folder):
        if _is_idle(folder / name, idle_for) and not is_known(name):
            yield name


def remove(folder: Path, name: str) -> int:
    """Remove a pack and return how many bytes that gave back.

    Raises:
        PackMissingError: there is no such pack.
    """
    if not is_pack_name(name):
        raise PackMissingError
    path = folder / name
    try:
        size = path.stat().st_size
        path.unlink()
    except FileNotFoundError:
        raise PackMissingError from None
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return size


def _is_idle(path: Path, idle_for: float) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return time.time() - os.fstat(descriptor).st_mtime >= idle_for
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
