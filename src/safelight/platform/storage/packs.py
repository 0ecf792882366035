"""Where do sealed records lie, and when may they be called kept?

Records are appended to packs, files that one process writes and nobody changes
afterwards. `append` puts a record into the operating system's hands; only
`sync` makes it kept: the pack's data first, then, for a new pack, the folders
that name it. Many appends share one sync, and callers that sync at the same
time share it as well. Nothing is acknowledged, and no row is written, before it.

After a failed write or sync the kernel may have dropped what it was given and
will not say so again, so a writer that saw one is dead: `writer_for` makes a
fresh one, with a fresh pack. What lies half-written in the old one is noise.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from safelight.platform.storage.errors import (
    PackMissingError,
    RecordBrokenError,
    StorageFailedError,
)
from safelight.platform.storage.pack_file import PackFile, is_pack_name
from safelight.platform.storage.record import RecordReader, seal_record
from safelight.platform.storage.space import DEFAULT_RESERVE, failure, require_room, write_at

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from uuid import UUID

ROLL_AT = 256 << 20  # bytes after which a pack takes no more records
_HELD_AT_MOST = 4 << 20  # sealed bytes of one object that wait in memory at a time
_OPEN_AT_MOST = 128  # packs that a reader keeps open


@dataclass(frozen=True, slots=True)
class Place:
    """Where one record lies: its pack, relative to the data folder, and its bytes there."""

    pack: str
    offset: int
    length: int


class PackWriter:
    """The one writer of a process. Any number of threads may append and sync at once."""

    def __init__(
        self, folder: Path, *, reserve: int = DEFAULT_RESERVE, roll_at: int = ROLL_AT
    ) -> None:
        """Write packs below `folder`, leaving `reserve` bytes of its file system free."""
        self._folder = folder
        self._reserve = reserve
        self._roll_at = roll_at
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._small = threading.Lock()
        self._syncing = threading.Lock()
        self._packs: list[PackFile] = []
        self._made: set[str] = set()
        self._dead = False

    @property
    def usable(self) -> bool:
        """Whether this writer still works, and belongs to this process."""
        return not self._dead and self._process == os.getpid()

    def append(self, *, object_id: UUID, key: bytes, pieces: Iterable[bytes]) -> Place:
        """Seal `pieces` into a pack and say where. Not kept before `sync` returns.

        `pieces` may come as slowly as they like: a small object is sealed in
        memory before it takes its turn, a large one has a pack to itself meanwhile.

        Raises:
            StorageFullError: no room; what was written of it is noise, the writer lives on.
            StorageFailedError: writing failed; this writer is dead.
        """
        sealed = groups(seal_record(key, object_id, pieces))
        first = next(sealed)
        second = next(sealed, None)
        with ExitStack() as turn:
            if second is None:
                # Small records share one pack, so that they share one sync.
                turn.enter_context(self._small)
            self._require_use()
            pack = self._take()
            turn.callback(self._give_back, pack)
            try:
                return self._write(pack, [first] if second is None else [first, second], sealed)
            except BaseException as error:
                pack.cut_off()
                self._dead = self._dead or isinstance(error, StorageFailedError)
                raise

    def sync(self, packs: Collection[str] = ()) -> None:
        """Bring to stable storage every record whose `append` returned before this call.

        `packs` are those the caller's records lie in. Had another writer made them, and
        died since, syncing this one would promise what nobody can.

        Raises:
            StorageFullError: the file system had taken more than it could hold;
            StorageFailedError: it cannot be promised, also not later;
                after either, this writer is dead.
        """
        if not self._made.issuperset(packs):
            raise StorageFailedError
        with self._lock:
            behind = [(pack, pack.written) for pack in self._packs if pack.written > pack.synced]
        with self._syncing:
            self._require_use()
            try:
                for pack, wanted in behind:
                    # Whoever held the lock before may have synced this one too.
                    if pack.synced < wanted:
                        pack.sync()
            except OSError as error:
                self._dead = True
                raise failure(error) from error
            finally:
                self._let_go()

    def close(self) -> None:
        """Stop writing. What was not synced was never promised."""
        self._dead = True
        with self._syncing:
            self._let_go()

    def _require_use(self) -> None:
        if not self.usable:
            raise StorageFailedError

    def _take(self) -> PackFile:
        with self._lock:
            for pack in self._packs:
                if not pack.in_use and pack.written < self._roll_at:
                    break
            else:
                try:
                    pack = PackFile(self._folder)
                except OSError as error:
                    raise failure(error) from error
                self._packs.append(pack)
                self._made.add(pack.name)
            pack.in_use = True
            return pack

    def _give_back(self, pack: PackFile) -> None:
        with self._lock:
            pack.in_use = False
        if self._dead:
            self.close()

    def _write(
        self, pack: PackFile, ready: list[list[bytes]], rest: Iterator[list[bytes]]
    ) -> Place:
        start = end = pack.written
        for groups in (ready, rest):
            for group in groups:
                require_room(pack.descriptor, sum(map(len, group)), reserve=self._reserve)
                end += write_at(pack.descriptor, group, end)
        pack.written = end
        return Place(pack.name, start, end - start)

    def _let_go(self) -> None:
        """Close the packs that will not be written again; the caller holds `_syncing`."""
        with self._lock:
            for pack in [pack for pack in self._packs if not pack.in_use]:
                full = pack.written >= self._roll_at and pack.synced == pack.written
                if self._dead or full:
                    self._packs.remove(pack)
                    pack.close()


def groups(sealed: Iterator[bytes]) -> Iterator[list[bytes]]:
    """Collect sealed chunks, so that a pack is taken only while bytes are ready for it."""
    group: list[bytes] = []
    held = 0
    for chunk in sealed:
        group.append(chunk)
        held += len(chunk)
        if held >= _HELD_AT_MOST:
            yield group
            group, held = [], 0
    if group:
        yield group


_writers: dict[Path, PackWriter] = {}
_making = threading.Lock()


def writer_for(folder: Path, *, reserve: int = DEFAULT_RESERVE) -> PackWriter:
    """Return this process's writer for `folder`: a fresh one after a death or a fork."""
    with _making:
        writer = _writers.get(folder)
        if writer is None or not writer.usable:
            writer = _writers[folder] = PackWriter(folder, reserve=reserve)
        return writer


class _OpenPack:
    """A pack open for reading; closed when the last reader of it is gone."""

    __slots__ = ("_descriptor", "size")

    def __init__(self, path: Path) -> None:
        self._descriptor = -1
        try:
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            raise PackMissingError from None

    def __del__(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)

    def read(self, offset: int, length: int) -> bytes:
        read = os.pread(self._descriptor, length, offset)
        while len(read) < length:
            more = os.pread(self._descriptor, length - len(read), offset + len(read))
            if not more:
                raise RecordBrokenError
            read += more
        return read


class PackReader:
    """Opens records in packs. Any number of threads may use one reader."""

    def __init__(self, folder: Path) -> None:
        """Read packs below `folder`."""
        self._folder = folder
        self._lock = threading.Lock()
        self._open: OrderedDict[str, _OpenPack] = OrderedDict()

    def record(self, place: Place, *, object_id: UUID, key: bytes) -> RecordReader:
        """Open the record at `place`.

        Raises:
            PackMissingError: there is no such pack.
            RecordBrokenError: no whole and genuine record of this object lies there.
        """
        pack = self._opened(place.pack)

        def read_at(offset: int, length: int) -> bytes:
            return pack.read(place.offset + offset, length)

        return RecordReader(read_at, place.length, key, object_id)

    def forget(self, pack: str) -> None:
        """Let go of a pack that was removed, so that its room comes back."""
        with self._lock:
            self._open.pop(pack, None)

    def _opened(self, name: str) -> _OpenPack:
        with self._lock:
            pack = self._open.get(name)
            if pack is not None:
                self._open.move_to_end(name)
                return pack
        if not is_pack_name(name):
            raise PackMissingError
        pack = _OpenPack(self._folder / name)
        with self._lock:
            self._open[name] = pack
            if len(self._open) > _OPEN_AT_MOST:
                self._open.popitem(last=False)
        return pack
