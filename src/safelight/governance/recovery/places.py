"""Where do backups lie? In a folder, say of another machine, or below a bucket's prefix.

Both keep whole objects under names: what `put` returned for is kept, and nothing else is
there under that name. The bucket's credentials are its own (`SAFELIGHT_BACKUP_ACCESS_KEY`
and `SAFELIGHT_BACKUP_SECRET_KEY`), so that whoever takes the store's has not the backups'.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from safelight.governance.recovery.errors import BackupBrokenError, PlaceUnknownError
from safelight.platform.storage.errors import StorageFailedError

_PARTIAL: Final = ".partial"


class Place(Protocol):
    """Somewhere else, with names."""

    def put(self, name: str, path: Path) -> None:
        """Keep a file's bytes under a name. Raises StoreUnreachableError, StorageFailedError."""

    def read(self, name: str, offset: int, length: int) -> bytes:
        """Return a range. Raises BackupBrokenError where it is not there."""

    def size_of(self, name: str) -> int | None:
        """Return a size, or None where there is nothing of this name."""

    def listed(self, folder: str) -> Iterator[tuple[str, int]]:
        """Name what lies below a folder, with sizes, in order."""

    def remove(self, name: str) -> None:
        """Remove; what is not there is no error."""


def place_at(url: str) -> Place:
    """Return the place that is named: a path, file:///path, or s3://bucket/prefix?endpoint=...

    Raises:
        PlaceUnknownError: it is none of these, or the driver is missing.
    """
    parts = urlsplit(url)
    if parts.scheme == "s3" and parts.netloc:
        try:
            from safelight.governance.recovery.buckets import BucketPlace  # noqa: PLC0415
        except ModuleNotFoundError:
            raise PlaceUnknownError("S3 needs a driver: pip install 'safelight[s3]'") from None
        return BucketPlace(url)
    if parts.scheme == "file" and parts.path.startswith("/"):
        return FolderPlace(Path(unquote(parts.path)))
    if url.startswith("/"):
        return FolderPlace(Path(url))
    raise PlaceUnknownError


class FolderPlace:
    """A folder: a disk that is mounted, or one of another machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, path: Path) -> None:
        """Copy under a passing name, sync, rename, sync the folder."""
        to = self._folder / name
        passing = to.with_name(to.name + _PARTIAL)
        try:
            to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with path.open("rb") as read, passing.open("wb") as written:
                shutil.copyfileobj(read, written, 4 << 20)
                written.flush()
                os.fsync(written.fileno())
            passing.replace(to)
            _sync(to.parent)
        except OSError as error:
            raise StorageFailedError(f"the backup cannot be kept: {error.strerror}") from error

    def read(self, name: str, offset: int, length: int) -> bytes:
        """Read a range."""
        try:
            with (self._folder / name).open("rb") as file:
                file.seek(offset)
                read = file.read(length)
        except OSError:
            raise BackupBrokenError(f"{name} is missing from the backup") from None
        if len(read) != length:
            raise BackupBrokenError(f"{name} is too short")
        return read

    def size_of(self, name: str) -> int | None:
        """Return a size."""
        try:
            return (self._folder / name).stat().st_size
        except OSError:
            return None

    def listed(self, folder: str) -> Iterator[tuple[str, int]]:
        """Name the files below."""
        for path in sorted((self._folder / folder).rglob("*")):
            if path.is_file() and path.suffix != _PARTIAL:
                yield path.relative_to(self._folder).as_posix(), path.stat().st_size

    def remove(self, name: str) -> None:
        """Remove a file."""
        (self._folder / name).unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_whole(place: Place, name: str) -> bytes:
    """Return all bytes under a name; for small ones. Raises BackupBrokenError."""
    size = place.size_of(name)
    if size is None:
        raise BackupBrokenError(f"{name} is missing from the backup")
    return place.read(name, 0, size) if size else b""
