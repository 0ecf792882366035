"""Where do bytes wait that are too many for memory and not yet ready for a pack?

In a sealed file of their own. A spool grows by `append` and can be read at
random at any time. The key of a temporary one lives in memory alone, and its
file has no name, so that nothing of it is left when the process ends. A lasting
one, for uploads that may be resumed tomorrow, keeps its name, and its key
wrapped under another for the caller to keep.
"""

from __future__ import annotations

import os
import re
import secrets
import struct
from bisect import bisect_right
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from safelight.platform.keys.cipher import seal, unseal
from safelight.platform.storage.ahead import in_order
from safelight.platform.storage.errors import RecordBrokenError, StorageFailedError
from safelight.platform.storage.space import DEFAULT_RESERVE, failure, require_room, write_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAME = re.compile(r"[0-9a-f]{32}\.part")
_PIECE = 64 << 10  # original bytes in one piece, at most
_STREAMED = 1 << 20  # original bytes that are read at once where all are read in order
_KEY_SIZE = 32
# One piece: how many original bytes, a random nonce, the sealed bytes, the tag.
_HEAD = struct.Struct(">I12s")
_TAG_SIZE = 16


@dataclass(frozen=True, slots=True)
class _Lasting:
    """What a lasting spool is known by. `kept` bytes were flushed; None for a new one."""

    name: str
    key: bytes
    wrapped_key: bytes
    kept: int | None


class SealedSpool:
    """Sealed bytes that wait. One thread may append, or any number read; a context manager."""

    def __init__(
        self, folder: Path, *, reserve: int = DEFAULT_RESERVE, lasting: _Lasting | None = None
    ) -> None:
        """Make a temporary spool in `folder`; it is gone when the process is.

        Raises:
            StorageFullError: no room.
            StorageFailedError: it cannot be made.
        """
        fresh = lasting is None or lasting.kept is None
        self.name = lasting.name if lasting else _new_name()
        self.wrapped_key = lasting.wrapped_key if lasting else b""
        self._folder = folder
        self._reserve = reserve
        self._cipher = AESGCM(lasting.key if lasting else secrets.token_bytes(_KEY_SIZE))
        self._starts = [0]  # where each piece begins in the original, and where the next will
        self._places = [0]  # the same in the file
        self._tail = bytearray()
        self._newest: tuple[int, bytes] = (-1, b"")
        self._unnamed = lasting is not None
        self._descriptor = _opened_file(folder, self.name, fresh=fresh)
        if lasting is None:
            (folder / self.name).unlink()
        elif lasting.kept is not None:
            self._find_pieces(lasting.kept)

    @classmethod
    def lasting(cls, folder: Path, *, above: bytes, reserve: int = DEFAULT_RESERVE) -> Self:
        """Make a spool that can be resumed: keep its `name` and `wrapped_key`."""
        key, name = secrets.token_bytes(_KEY_SIZE), _new_name()
        wrapped_key = seal(above, key, bound_to=f"spool|{name}")
        return cls(folder, reserve=reserve, lasting=_Lasting(name, key, wrapped_key, None))

    @classmethod
    def resume(
        cls,
        folder: Path,
        name: str,
        wrapped_key: bytes,
        *,
        above: bytes,
        kept: int = 0,
        reserve: int = DEFAULT_RESERVE,
    ) -> Self:
        """Open a lasting spool again. Its `size` says how much there is: `kept` or more.

        `kept` is the size at the last `flush` that the caller knows of. What was
        written after it is proved now, and cut off where a crash tore it.

        Raises:
            SealBrokenError: the wrapped key is not that of this spool.
            RecordBrokenError: there is no such spool, or it holds less than `kept`.
        """
        if not _NAME.fullmatch(name):
            raise RecordBrokenError
        key = unseal(above, wrapped_key, bound_to=f"spool|{name}")
        return cls(folder, reserve=reserve, lasting=_Lasting(name, key, wrapped_key, kept))

    @property
    def size(self) -> int:
        """How many original bytes there are."""
        return self._starts[-1] + len(self._tail)

    def append(self, more: bytes | memoryview) -> None:
        """Add bytes at the end.

        Raises:
            StorageFullError: no room; what was there before is still there.
            StorageFailedError: they could not be written.
        """
        view = memoryview(more)
        while view:
            if not self._tail and len(view) >= _PIECE:
                self._put(view[:_PIECE])
                view = view[_PIECE:]
                continue
            taken = _PIECE - len(self._tail)
            self._tail += view[:taken]
            view = view[taken:]
            if len(self._tail) == _PIECE:
                self._put_tail()

    def flush(self) -> None:
        """Bring all that was appended to stable storage (a lasting spool's promise).

        Raises:
            StorageFullError: no room.
            StorageFailedError: it cannot be promised; do not try again.
        """
        if self._tail:
            self._put_tail()
        try:
            os.fdatasync(self._descriptor)
            if self._unnamed:
                folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                try:
                    os.fsync(folder)
                finally:
                    os.close(folder)
                self._unnamed = False
        except OSError as error:
            raise StorageFailedError from error

    def read(self, offset: int, length: int) -> bytes:
        """Return the original bytes at `offset`: fewer than `length` only at the end.

        Raises:
            RecordBrokenError: what is stored is not what was appended.
        """
        stop = min(offset + length, self.size)
        if offset < 0 or offset >= stop:
            return b""
        parts = []
        while offset < stop:
            if offset >= self._starts[-1]:
                begins, piece = self._starts[-1], bytes(self._tail)
            else:
                number = bisect_right(self._starts, offset) - 1
                begins, piece = self._starts[number], self._piece(number)
            part = piece[offset - begins : stop - begins]
            parts.append(part)
            offset += len(part)
        return b"".join(parts)

    def stream(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the original bytes [start, stop) in order, the next while one is used."""
        return in_order(
            partial(self.read, at, min(_STREAMED, stop - at))
            for at in range(start, stop, _STREAMED)
        )

    def discard(self) -> None:
        """Remove the spool and what it holds; again is harmless."""
        self.close()
        (self._folder / self.name).unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file. A lasting spool stays, a temporary one is gone."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def _bound(self, number: int, start: int) -> bytes:
        return f"spool|{self.name}|{number}|{start}".encode()

    def _put_tail(self) -> None:
        self._put(self._tail)
        self._tail = bytearray()

    def _put(self, piece: bytearray | memoryview) -> None:
        number, start, place = len(self._starts) - 1, self._starts[-1], self._places[-1]
        nonce = secrets.token_bytes(12)
        sealed = self._cipher.encrypt(nonce, piece, self._bound(number, start))
        head = _HEAD.pack(len(piece), nonce)
        require_room(self._descriptor, len(head) + len(sealed), reserve=self._reserve)
        written = write_at(self._descriptor, [head, sealed], place)
        self._starts.append(start + len(piece))
        self._places.append(place + written)

    def _piece(self, number: int) -> bytes:
        newest, piece = self._newest
        if newest != number:
            place, end = self._places[number], self._places[number + 1]
            stored = os.pread(self._descriptor, end - place, place)
            piece = self._opened(number, self._starts[number], stored)
            self._newest = (number, piece)
        return piece

    def _opened(self, number: int, start: int, stored: bytes) -> bytes:
        if len(stored) < _HEAD.size + _TAG_SIZE:
            raise RecordBrokenError
        length, nonce = _HEAD.unpack_from(stored)
        sealed = memoryview(stored)[_HEAD.size :]
        if len(sealed) != length + _TAG_SIZE:
            raise RecordBrokenError
        try:
            return self._cipher.decrypt(nonce, sealed, self._bound(number, start))
        except InvalidTag:
            raise RecordBrokenError from None

    def _find_pieces(self, kept: int) -> None:
        end = os.fstat(self._descriptor).st_size
        place = 0
        while place + _HEAD.size + _TAG_SIZE < end:
            length, _ = _HEAD.unpack(os.pread(self._descriptor, _HEAD.size, place))
            following = place + _HEAD.size + length + _TAG_SIZE
            if not 0 < length <= _PIECE or following > end:
                break
            number, start = len(self._starts) - 1, self._starts[-1]
            if start >= kept and not self._is_whole(number, start, place, following):
                break
            place = following
            self._starts.append(start + length)
            self._places.append(place)
        if self.size < kept:
            raise RecordBrokenError
        try:
            os.ftruncate(self._descriptor, place)
        except OSError as error:
            raise failure(error) from error

    def _is_whole(self, number: int, start: int, place: int, following: int) -> bool:
        try:
            self._opened(number, start, os.pread(self._descriptor, following - place, place))
        except RecordBrokenError:
            return False
        return True


def _new_name() -> str:
    return f"{secrets.token_hex(16)}.part"


def _opened_file(folder: Path, name: str, *, fresh: bool) -> int:
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | (os.O_CREAT | os.O_EXCL if fresh else 0)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(folder / name, flags, 0o600)
    except FileNotFoundError:
        raise RecordBrokenError from None
    except OSError as error:
        raise failure(error) from error
