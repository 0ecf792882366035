"""How are records read from a bucket without asking it for the same bytes again and again?

Every reading is a ranged GET. Small records are fetched whole, and the ends of large
ones are remembered, so that a frame costs one request. What is remembered is sealed.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from safelight.platform.storage.errors import PackMissingError, RecordBrokenError
from safelight.platform.storage.pack_file import is_pack_name
from safelight.platform.storage.record import RecordReader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from uuid import UUID

    from safelight.platform.storage.packs import Place
    from safelight.platform.storage.s3_bucket import Bucket

_WHOLE = 1 << 20  # a record of at most so many bytes is fetched whole
_END = 128 << 10  # a range of at most so many bytes of a larger one is remembered
_REMEMBERED = 64 << 20  # bytes

_Range = tuple[str, int, int]


class RangeReader:
    """Opens records in a bucket. Any number of threads may use one reader."""

    def __init__(self, bucket: Bucket, staging: Path, *, remembered: int = _REMEMBERED) -> None:
        """Read from `bucket`, or from `staging` what this machine has yet to put there."""
        self._bucket = bucket
        self._staging = staging
        self._room = remembered
        self._lock = threading.Lock()
        self._ranges: OrderedDict[_Range, bytes] = OrderedDict()

    def record(self, place: Place, *, object_id: UUID, key: bytes) -> RecordReader:
        """Open the record at `place`.

        Raises:
            PackMissingError: there is no such pack.
            RecordBrokenError: no whole and genuine record of this object lies there.
            StoreUnreachableError: the bucket did not answer, or refused to.
        """
        if not is_pack_name(place.pack):
            raise PackMissingError
        return RecordReader(self._reading(place), place.length, key, object_id)

    def forget(self, pack: str) -> None:
        """Let go of what is remembered of a pack."""
        with self._lock:
            for each in [each for each in self._ranges if each[0] == pack]:
                self._room += len(self._ranges.pop(each))

    def _reading(self, place: Place) -> Callable[[int, int], bytes]:
        staged = self._staging / place.pack
        if staged.exists():
            return lambda offset, length: _of_file(staged, place.offset + offset, length)
        if place.length <= _WHOLE:

            def within(offset: int, length: int) -> bytes:
                whole = self._remembered((place.pack, place.offset, place.length))
                return whole[offset : offset + length]

            return within

        def apart(offset: int, length: int) -> bytes:
            wanted = (place.pack, place.offset + offset, length)
            return self._remembered(wanted) if length <= _END else self._bucket.read(*wanted)

        return apart

    def _remembered(self, wanted: _Range) -> bytes:
        with self._lock:
            found = self._ranges.get(wanted)
            if found is not None:
                self._ranges.move_to_end(wanted)
                return found
        read = self._bucket.read(*wanted)
        with self._lock:
            if wanted not in self._ranges:
                self._ranges[wanted] = read
                self._room -= len(read)
                while self._room < 0 and self._ranges:
                    self._room += len(self._ranges.popitem(last=False)[1])
        return read


def _of_file(path: Path, offset: int, length: int) -> bytes:
    try:
        with path.open("rb") as file:
            read = os.pread(file.fileno(), length, offset)
    except FileNotFoundError:
        raise PackMissingError from None
    if len(read) != length:
        raise RecordBrokenError
    return read
