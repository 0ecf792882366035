"""How do packs lie in an S3 bucket? As objects under the names that they have in a folder."""

from __future__ import annotations

import secrets
import threading
import time
from typing import TYPE_CHECKING

from safelight.platform.storage.errors import (
    PackMissingError,
    RecordBrokenError,
    StoreUnreachableError,
)
from safelight.platform.storage.pack_file import is_pack_name
from safelight.platform.storage.regroup import Regroup
from safelight.platform.storage.s3_bucket import Bucket
from safelight.platform.storage.s3_reader import RangeReader
from safelight.platform.storage.s3_writer import BatchWriter
from safelight.platform.storage.space import DEFAULT_RESERVE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from safelight.platform.storage.packs import Place

_CHECK = "check"
_PACKS = "packs"
_LEFT = "left"  # an object of no bytes under this name: since when a pack is left to a sweep


class S3Store:
    """Packs below one prefix of a bucket; `staging` is a folder of this machine."""

    def __init__(self, url: str, *, staging: Path, reserve: int = DEFAULT_RESERVE) -> None:
        """Prepare to use the bucket at `url`; it is first asked when something is needed."""
        self._bucket = Bucket(url)
        self._staging = staging
        self._reserve = reserve
        self._reader = RangeReader(self._bucket, staging)
        self._making = threading.Lock()
        self._writer: BatchWriter | None = None

    def check(self) -> None:
        """Put an object of no bytes, look for it, and remove it. Raises StoreUnreachableError."""
        name = f"{_CHECK}/{secrets.token_hex(8)}"
        self._bucket.put_mark(name)
        found = self._bucket.size_of(name)
        self._bucket.remove(name)
        if found is None:
            raise StoreUnreachableError

    def writer(self) -> BatchWriter:
        """Return this process's writer: a fresh one after a fork."""
        with self._making:
            if self._writer is None or not self._writer.usable:
                self._writer = BatchWriter(self._bucket, self._staging, reserve=self._reserve)
            return self._writer

    def reader(self) -> RangeReader:
        """Return this process's reader."""
        return self._reader

    def regroup(self) -> Regroup:
        """Begin a fresh pack for records that are there already."""
        return _S3Regroup(self._bucket, self._staging)

    def idle(self, *, idle_for: float) -> Iterator[tuple[str, int]]:
        """Name the packs that were put so many seconds ago, and how many bytes each has."""
        before = time.time() - idle_for
        left = {
            name.removeprefix(f"{_LEFT}/"): changed.timestamp()
            for name, _, changed in self._bucket.listed(_LEFT)
        }
        for name, size, changed in self._bucket.listed(_PACKS):
            if is_pack_name(name) and max(changed.timestamp(), left.get(name, 0.0)) <= before:
                yield name, size

    def size_of(self, pack: str) -> int | None:
        """Say how many bytes a pack has; None where there is no such pack."""
        return self._bucket.size_of(pack) if is_pack_name(pack) else None

    def begin_hour(self, pack: str) -> None:
        """Let a pack count as written now."""
        self._bucket.put_mark(f"{_LEFT}/{pack}")

    def remove(self, pack: str) -> int:
        """Remove a pack and return how many bytes that gave back.

        Raises:
            PackMissingError: there is no such pack.
        """
        size = self.size_of(pack)
        if size is None:
            raise PackMissingError
        self._bucket.remove(pack)
        self._bucket.remove(f"{_LEFT}/{pack}")
        return size

    def raw(self, pack: str, offset: int, length: int) -> bytes:
        """Return bytes of a pack as they lie. Raises PackMissingError, RecordBrokenError."""
        if not is_pack_name(pack):
            raise PackMissingError
        return self._bucket.read(pack, offset, length)

    def put_back(self, pack: str, path: Path) -> None:
        """Keep a file as a pack that a backup had. Raises PackMissingError."""
        if not is_pack_name(pack):
            raise PackMissingError
        self._bucket.put(pack, path)

    def forget_cached(self, place: Place) -> None:
        """Let the next reading of a record come from the bucket."""
        self._reader.forget(place.pack)


class _S3Regroup(Regroup):
    """A fresh pack that lies on this machine until it is kept as an object."""

    def __init__(self, bucket: Bucket, staging: Path) -> None:
        super().__init__(staging)
        self._bucket = bucket

    def _pieces(self, place: Place) -> Iterator[bytes]:
        step = 4 << 20
        for done in range(0, place.length, step):
            length = min(step, place.length - done)
            piece = self._bucket.read(place.pack, place.offset + done, length)
            if len(piece) != length:
                raise RecordBrokenError
            yield piece

    def keep(self) -> None:
        """Put everything copied into the bucket. Raises StoreUnreachableError."""
        self._bucket.put(self._pack.name, self._folder / self._pack.name)
