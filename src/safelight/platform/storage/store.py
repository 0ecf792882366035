"""Where may packs lie: in a folder of this machine, or as objects of an S3 bucket?

Both keep the same sealed records under the same names, and promise the same: what
`sync` returned for is kept, what it raised for is not. Nothing else knows which it is.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self
from urllib.parse import unquote, urlsplit

from safelight.platform.storage.errors import StoreUnknownError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from types import TracebackType
    from uuid import UUID

    from safelight.platform.storage.packs import Place
    from safelight.platform.storage.record import RecordReader


class Writer(Protocol):
    """The one writer of a process; see `packs.PackWriter` for what is promised."""

    def append(self, *, object_id: UUID, key: bytes, pieces: Iterable[bytes]) -> Place:
        """Seal `pieces` and say where they lie. Not kept before `sync` returns."""

    def sync(self, packs: Collection[str] = ()) -> None:
        """Make kept what lies in `packs`, or else everything that was appended before."""

    def close(self) -> None:
        """Stop writing. What was not synced was never promised."""


class Reader(Protocol):
    """Opens records. Any number of threads may use one reader."""

    def record(self, place: Place, *, object_id: UUID, key: bytes) -> RecordReader:
        """Open the record at `place`. Raises PackMissingError, RecordBrokenError."""

    def forget(self, pack: str) -> None:
        """Let go of what is remembered of a pack, because it was removed or is doubted."""


class Regrouping(Protocol):
    """One fresh pack that records are copied into; see `regroup.Regroup`."""

    @property
    def size(self) -> int:
        """How many bytes were copied."""

    def copy(self, place: Place) -> Place:
        """Copy one record and say where it lies now. Not kept before `keep`."""

    def keep(self) -> None:
        """Bring everything copied to stable storage."""

    def __enter__(self) -> Self:
        """Begin; left before `keep`, the pack is removed again."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End."""


class Store(Protocol):
    """One place where packs lie."""

    def check(self) -> None:
        """Make sure that the store takes and gives. Raises StoreUnreachableError."""

    def writer(self) -> Writer:
        """Return this process's writer."""

    def reader(self) -> Reader:
        """Return this process's reader."""

    def regroup(self) -> Regrouping:
        """Begin a fresh pack for records that are there already."""

    def idle(self, *, idle_for: float) -> Iterator[tuple[str, int]]:
        """Name the packs that nobody has written for so many seconds, and their sizes."""

    def size_of(self, pack: str) -> int | None:
        """Say how many bytes a pack has; None where there is no such pack."""

    def begin_hour(self, pack: str) -> None:
        """Let a pack count as written now."""

    def remove(self, pack: str) -> int:
        """Remove a pack and return its size. Raises PackMissingError."""

    def raw(self, pack: str, offset: int, length: int) -> bytes:
        """Return bytes of a pack as they lie. Raises PackMissingError, RecordBrokenError."""

    def put_back(self, pack: str, path: Path) -> None:
        """Keep a file as a pack that a backup had. Raises PackMissingError for a foreign name."""

    def forget_cached(self, place: Place) -> None:
        """Let the next reading of a record come from where it is kept, not from memory."""


_stores: dict[tuple[Path, str], Store] = {}
_making = threading.Lock()


def store_for(data: Path, url: str) -> Store:
    """Return the store at `url`, or the data folder itself where none is named.

    A URL is `s3://bucket/prefix?endpoint=https://host&region=...` or `file:///folder`.

    Raises:
        StoreUnknownError: it is a URL of another kind, or its driver is not installed.
    """
    with _making:
        store = _stores.get((data, url))
        if store is None:
            store = _stores[data, url] = _made(data, url)
        return store


def _made(data: Path, url: str) -> Store:
    # Each kind of store is loaded where it is used: the driver of one may be absent.
    from safelight.platform.storage.folder import FolderStore  # noqa: PLC0415

    parts = urlsplit(url)
    if not url:
        return FolderStore(data)
    if parts.scheme == "file" and parts.path.startswith("/"):
        return FolderStore(Path(unquote(parts.path)))
    if parts.scheme == "s3" and parts.netloc:
        try:
            from safelight.platform.storage.s3_store import S3Store  # noqa: PLC0415
        except ModuleNotFoundError as error:
            raise StoreUnknownError("S3 needs a driver: pip install 'safelight[s3]'") from error
        return S3Store(url, staging=data / "staging")
    raise StoreUnknownError
