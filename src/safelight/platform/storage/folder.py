"""How do packs lie in a folder of this machine? As files that one process writes."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from safelight.platform.storage import sweep
from safelight.platform.storage.errors import (
    PackMissingError,
    RecordBrokenError,
    StoreUnreachableError,
)
from safelight.platform.storage.pack_file import is_pack_name
from safelight.platform.storage.packs import PackReader, PackWriter, Place, writer_for
from safelight.platform.storage.regroup import Regroup
from safelight.platform.storage.uncached import forget_cached

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class FolderStore:
    """Packs below `folder`, under `packs/`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reader = PackReader(folder)

    def check(self) -> None:
        """Make sure that the folder can be written. Raises StoreUnreachableError."""
        if not os.access(self._folder, os.W_OK | os.X_OK):
            raise StoreUnreachableError

    def writer(self) -> PackWriter:
        """Return this process's writer: a fresh one after a death or a fork."""
        return writer_for(self._folder)

    def reader(self) -> PackReader:
        """Return this process's reader."""
        return self._reader

    def regroup(self) -> Regroup:
        """Begin a fresh pack for records that are there already."""
        return Regroup(self._folder)

    def idle(self, *, idle_for: float) -> Iterator[tuple[str, int]]:
        """Name the packs that nobody writes, and how many bytes each has."""
        return sweep.idle(self._folder, idle_for=idle_for)

    def size_of(self, pack: str) -> int | None:
        """Say how many bytes a pack has; None where there is no such pack."""
        return sweep.size_of(self._folder, pack)

    def begin_hour(self, pack: str) -> None:
        """Let a pack count as changed now."""
        sweep.begin_hour(self._folder, pack)

    def remove(self, pack: str) -> int:
        """Remove a pack and return how many bytes that gave back. Raises PackMissingError."""
        return sweep.remove(self._folder, pack)

    def raw(self, pack: str, offset: int, length: int) -> bytes:
        """Return bytes of a pack as they lie. Raises PackMissingError, RecordBrokenError."""
        if not is_pack_name(pack):
            raise PackMissingError
        try:
            with (self._folder / pack).open("rb") as file:
                file.seek(offset)
                read = file.read(length)
        except FileNotFoundError:
            raise PackMissingError from None
        if len(read) != length:
            raise RecordBrokenError
        return read

    def put_back(self, pack: str, path: Path) -> None:
        """Keep a file as a pack that a backup had, synced. Raises PackMissingError."""
        if not is_pack_name(pack):
            raise PackMissingError
        to = self._folder / pack
        to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with path.open("rb") as file:
            os.fsync(file.fileno())
        shutil.move(path, to)
        descriptor = os.open(to.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def forget_cached(self, place: Place) -> None:
        """Let the next reading of a record come from the disk."""
        forget_cached(self._folder, place)
