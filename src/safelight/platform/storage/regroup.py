"""How do sealed records move into another pack? As they are: no key is needed for it.

A record is bound to its object and its key, not to its place.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Self

from safelight.platform.storage.errors import PackMissingError, RecordBrokenError
from safelight.platform.storage.pack_file import PackFile, is_pack_name
from safelight.platform.storage.packs import Place
from safelight.platform.storage.space import DEFAULT_RESERVE, failure, require_room, write_at
from safelight.platform.storage.sweep import remove

if TYPE_CHECKING:
    from pathlib import Path

_PIECE = 4 << 20


class Regroup:
    """One fresh pack that records are copied into. While it is open, no sweep touches it.

    Use it as a context: left before `keep`, the pack is removed again.
    """

    def __init__(self, folder: Path, *, reserve: int = DEFAULT_RESERVE) -> None:
        """Make the pack.

        Raises:
            StorageFullError, StorageFailedError: it cannot be made.
        """
        self._folder = folder
        self._reserve = reserve
        self._is_kept = False
        try:
            self._pack = PackFile(folder)
        except OSError as error:
            raise failure(error) from error

    @property
    def size(self) -> int:
        """How many bytes were copied."""
        return self._pack.written

    def copy(self, place: Place) -> Place:
        """Copy one record and say where it lies now. Not kept before `keep`.

        Raises:
            PackMissingError: there is no such pack.
            RecordBrokenError: the pack ends before the record does.
            StorageFullError, StorageFailedError: it cannot be written.
        """
        if not is_pack_name(place.pack):
            raise PackMissingError
        pack = self._pack
        require_room(pack.descriptor, place.length, reserve=self._reserve)
        start = end = pack.written
        for piece in self._pieces(place):
            end += write_at(pack.descriptor, [piece], end)
        pack.written = end
        return Place(pack.name, start, place.length)

    def _pieces(self, place: Place) -> Iterator[bytes]:
        """Read a record as it is sealed. Raises PackMissingError, RecordBrokenError."""
        try:
            source = os.open(self._folder / place.pack, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            raise PackMissingError from None
        try:
            copied = 0
            while copied < place.length:
                length = min(_PIECE, place.length - copied)
                piece = os.pread(source, length, place.offset + copied)
                if not piece:
                    raise RecordBrokenError
                copied += len(piece)
                yield piece
        finally:
            os.close(source)

    def keep(self) -> None:
        """Bring everything copied to stable storage.

        Raises:
            StorageFullError, StorageFailedError: it cannot be promised.
        """
        try:
            self._pack.sync()
        except OSError as error:
            raise failure(error) from error
        self._is_kept = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._is_kept:
            with contextlib.suppress(OSError, PackMissingError):
                remove(self._folder, self._pack.name)
        self._pack.close()
