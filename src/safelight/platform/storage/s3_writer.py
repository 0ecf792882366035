"""How do sealed records become objects of a bucket, and when may they be called kept?

An object is written whole or not at all. So records are first appended to a local file,
sealed as they are; `sync` puts that file into the bucket as one object and lets it go.
What many callers appended meanwhile shares one object. The local file is never needed
again after a crash: nothing in it was promised.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from safelight.platform.storage.errors import StorageFailedError
from safelight.platform.storage.pack_file import PackFile
from safelight.platform.storage.packs import ROLL_AT, Place, groups
from safelight.platform.storage.record import seal_record
from safelight.platform.storage.space import DEFAULT_RESERVE, failure, require_room, write_at

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path
    from uuid import UUID

    from safelight.platform.storage.s3_bucket import Bucket

_WAITED_FOR = 3600.0  # seconds
_REMEMBERED = 20_000  # names of packs that were put, for callers that come late


class _Batch:
    """One local pack that takes no more records, on its way into the bucket."""

    __slots__ = ("done", "error", "is_taken", "made", "pack")

    def __init__(self, pack: PackFile) -> None:
        self.pack = pack
        self.made = time.monotonic()
        self.is_taken = False
        self.done = threading.Event()
        self.error: Exception | None = None


class BatchWriter:
    """The one writer of a process. Any number of threads may append and sync at once."""

    def __init__(
        self,
        bucket: Bucket,
        staging: Path,
        *,
        reserve: int = DEFAULT_RESERVE,
        roll_at: int = ROLL_AT,
    ) -> None:
        """Put packs into `bucket`; until then they lie below `staging`."""
        self._bucket = bucket
        self._staging = staging
        self._reserve = reserve
        self._roll_at = roll_at
        self._process = os.getpid()
        self._small = threading.Lock()
        self._open: PackFile | None = None
        self._lock = threading.Lock()
        self._batches: dict[str, _Batch] = {}
        self._kept: OrderedDict[str, None] = OrderedDict()
        clear_staging(staging)

    @property
    def usable(self) -> bool:
        """Whether this writer belongs to this process."""
        return self._process == os.getpid()

    def append(self, *, object_id: UUID, key: bytes, pieces: Iterable[bytes]) -> Place:
        """Seal `pieces` and say where they will lie. Not kept before `sync` returns.

        Raises:
            StorageFullError: no room on this machine to hold them until then.
            StorageFailedError: writing failed; what shares its pack is lost with it.
        """
        sealed = groups(seal_record(key, object_id, pieces))
        first = next(sealed)
        second = next(sealed, None)
        if second is None:
            with self._small:
                pack = self._open = self._open or self._new_pack()
                try:
                    place = self._write(pack, [first])
                except StorageFailedError:
                    self._open = None
                    _discard(self._staging, pack)
                    raise
                if pack.written >= self._roll_at:
                    self._close_open()
            return place
        # A large one is an object of its own, so that nobody waits for its sender.
        pack = self._new_pack()
        try:
            place = self._write(
                pack, (group for some in ([first, second], sealed) for group in some)
            )
        except BaseException:
            _discard(self._staging, pack)
            raise
        self._set_aside(pack)
        return place

    def sync(self, packs: Collection[str] = ()) -> None:
        """Bring into the bucket what lies in `packs`, or else everything appended before.

        Raises:
            StoreUnreachableError: the bucket did not take it; it is lost and was never promised.
            StorageFailedError: this writer never had it.
        """
        with self._small:
            if self._open is not None and (not packs or self._open.name in packs):
                self._close_open()
        with self._lock:
            wanted = packs or list(self._batches)
            waited = [self._batches[name] for name in wanted if name in self._batches]
            unknown = [name for name in wanted if name not in self._batches]
            if any(name not in self._kept for name in unknown):
                raise StorageFailedError
            mine = [batch for batch in waited if not batch.is_taken]
            for batch in mine:
                batch.is_taken = True
        for batch in mine:
            self._put(batch)
        for batch in waited:
            batch.done.wait()
        for batch in waited:
            if batch.error is not None:
                raise batch.error

    def close(self) -> None:
        """Stop writing. What was not synced was never promised."""
        with self._small:
            self._close_open()
        self._drop(made_before=time.monotonic())

    def _new_pack(self) -> PackFile:
        try:
            return PackFile(self._staging)
        except OSError as error:
            raise failure(error) from error

    def _write(self, pack: PackFile, sealed: Iterable[list[bytes]]) -> Place:
        start = end = pack.written
        try:
            for group in sealed:
                require_room(pack.descriptor, sum(map(len, group)), reserve=self._reserve)
                end += write_at(pack.descriptor, group, end)
        except BaseException:
            pack.cut_off()
            raise
        pack.written = end
        return Place(pack.name, start, end - start)

    def _close_open(self) -> None:
        """Let the open pack take no more records; the caller holds `_small`."""
        if self._open is not None:
            self._set_aside(self._open)
            self._open = None

    def _set_aside(self, pack: PackFile) -> None:
        batch = _Batch(pack)
        with self._lock:
            self._batches[pack.name] = batch
        # Whoever appended and went away without a sync will not come back for it.
        self._drop(made_before=batch.made - _WAITED_FOR)

    def _drop(self, *, made_before: float) -> None:
        with self._lock:
            left = [
                batch
                for batch in self._batches.values()
                if not batch.is_taken and batch.made <= made_before
            ]
            for batch in left:
                del self._batches[batch.pack.name]
        for batch in left:
            _discard(self._staging, batch.pack)

    def _put(self, batch: _Batch) -> None:
        pack = batch.pack
        try:
            if pack.written:
                self._bucket.put(pack.name, self._staging / pack.name)
        except Exception as error:  # noqa: BLE001 (raised again in each thread that waits for it)
            batch.error = error
        except BaseException:
            batch.error = StorageFailedError()
            raise
        finally:
            with self._lock:
                del self._batches[pack.name]
                if batch.error is None:
                    self._kept[pack.name] = None
                    if len(self._kept) > _REMEMBERED:
                        self._kept.popitem(last=False)
            _discard(self._staging, pack)
            batch.done.set()


def clear_staging(staging: Path) -> None:
    """Remove what processes that are gone left behind: nothing of it was promised."""
    for path in staging.glob("packs/*/*/*.pack"):
        with contextlib.suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
            finally:
                os.close(descriptor)


def _discard(staging: Path, pack: PackFile) -> None:
    with contextlib.suppress(OSError):
        (staging / pack.name).unlink()
    pack.close()
