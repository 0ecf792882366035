"""What is one pack, while it is being written?"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NAME = re.compile(r"packs/[0-9a-f/]+\.pack")


def is_pack_name(name: str) -> bool:
    """Whether `name` can be one of ours: nothing else is ever opened."""
    return _NAME.fullmatch(name) is not None


class PackFile:
    """A new pack, used by one thread at a time; `written` counts whole records only."""

    __slots__ = ("_unnamed_in", "descriptor", "in_use", "name", "synced", "written")

    def __init__(self, folder: Path) -> None:
        """Make a pack of a random name below `folder`.

        Raises:
            OSError: it cannot be made.
        """
        self.name, self.descriptor = _made(folder)
        path = folder / self.name
        self._unnamed_in: tuple[Path, ...] = (
            path.parent,
            path.parent.parent,
            folder / "packs",
            folder,
        )
        self.written = 0
        self.synced = 0
        self.in_use = False

    def sync(self) -> None:
        """Bring the records written so far, and the pack's name, to stable storage.

        All folders up to the data folder are synced, also those that existed: a
        process that made them may have died before it did so.

        Raises:
            OSError: it cannot be promised.
        """
        written = self.written
        os.fdatasync(self.descriptor)
        for folder in self._unnamed_in:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        self._unnamed_in = ()
        self.synced = written

    def cut_off(self) -> None:
        """Remove what follows the last whole record, so that its room comes back.

        Failing to is harmless: those bytes are noise, and the next record is
        written over them.
        """
        with contextlib.suppress(OSError):
            os.ftruncate(self.descriptor, self.written)

    def close(self) -> None:
        """Let go of the pack, and of the lock that keeps sweeps away."""
        os.close(self.descriptor)


def _made(folder: Path) -> tuple[str, int]:
    """Make a file of a random name, locked: a sweep leaves alone what a living process writes."""
    while True:
        letters = secrets.token_hex(16)
        name = f"packs/{letters[:2]}/{letters[2:4]}/{letters}.pack"
        path = folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return name, descriptor
        # Another process, clearing up at its start, was faster than the lock.
        os.close(descriptor)
