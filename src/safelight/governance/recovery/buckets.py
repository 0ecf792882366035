"""How does a backup lie in a bucket? Under the names that it has in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from safelight.governance.recovery.errors import BackupBrokenError
from safelight.platform.storage.errors import PackMissingError, RecordBrokenError
from safelight.platform.storage.s3_bucket import Bucket


class BucketPlace:
    """The objects below one prefix of a bucket."""

    def __init__(self, url: str) -> None:
        self._bucket = Bucket(url, credentials=("SAFELIGHT_BACKUP", "SAFELIGHT_STORE"))

    def put(self, name: str, path: Path) -> None:
        """Keep a file; its checksum was right."""
        self._bucket.put(name, path)

    def read(self, name: str, offset: int, length: int) -> bytes:
        """Read a range."""
        try:
            return self._bucket.read(name, offset, length)
        except (PackMissingError, RecordBrokenError):
            raise BackupBrokenError(f"{name} is missing from the backup, or too short") from None

    def size_of(self, name: str) -> int | None:
        """Return a size."""
        return self._bucket.size_of(name)

    def listed(self, folder: str) -> Iterator[tuple[str, int]]:
        """Name the objects below."""
        for name, size, _ in sorted(self._bucket.listed(folder)):
            yield name, size

    def remove(self, name: str) -> None:
        """Remove an object."""
        self._bucket.remove(name)
