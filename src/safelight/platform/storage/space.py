"""Is there room to keep this, with a reserve left for the database and the audit record?"""

from __future__ import annotations

import errno
import os
import sqlite3
from typing import TYPE_CHECKING

from safelight.platform.storage.errors import StorageFailedError, StorageFullError

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_RESERVE = 64 << 20  # bytes that stay free

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_SQLITE_FULL = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_SHMSIZE,
        sqlite3.SQLITE_IOERR_SHMOPEN,
    }
)
_POSTGRES_FULL = "53100"
_MOST_PARTS = 512  # below every IOV_MAX


def require_room(descriptor: int, size: int, *, reserve: int) -> None:
    """Refuse to write `size` bytes where fewer than `reserve` would stay free.

    Raises:
        StorageFullError: there is no room.
    """
    room = os.fstatvfs(descriptor)
    if room.f_bavail * room.f_frsize - size < reserve:
        raise StorageFullError


def write_at(descriptor: int, parts: Sequence[bytes], offset: int) -> int:
    """Write all of `parts` at `offset` and return how many bytes that was.

    Raises:
        StorageFullError: the file system, quota or file size limit is reached.
        StorageFailedError: any other failure.
    """
    start = offset
    waiting = [memoryview(part) for part in parts if part]
    while waiting:
        group = waiting[:_MOST_PARTS]
        try:
            written = os.pwritev(descriptor, group, offset)
        except OSError as error:
            raise failure(error) from error
        offset += written
        done = 0
        while done < len(group) and written >= len(group[done]):
            written -= len(group[done])
            done += 1
        waiting = waiting[done:]
        if written:
            waiting[0] = waiting[0][written:]
    return offset - start


def failure(error: OSError) -> StorageFullError | StorageFailedError:
    """Say whether an error of the operating system means full or broken."""
    return StorageFullError() if error.errno in _FULL else StorageFailedError()


def is_full(error: BaseException | None) -> bool:
    """Say whether an error, or what caused it, is that there is no room: here or in the database.

    SQLite says FULL where a page cannot be written, and an I/O error where its
    log or the log's index cannot grow. PostgreSQL has a state of its own for it.
    """
    while error is not None:
        if getattr(error, "sqlstate", None) == _POSTGRES_FULL:
            return True
        if isinstance(error, StorageFullError):
            return True
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        if isinstance(error, sqlite3.Error):
            return getattr(error, "sqlite_errorcode", 0) in _SQLITE_FULL
        error = error.__cause__
    return False
