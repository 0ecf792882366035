"""How is what is said of a whole series made once and kept sealed?"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass, replace
from struct import Struct
from typing import Any, Final
from uuid import UUID

import orjson
import zstandard

from safelight.platform.keys.cipher import seal, unseal

_LENGTHS: Final = Struct(">III")


@dataclass(frozen=True, slots=True)
class Described:
    """What is said of a series: its metadata, and what a search says of its instances.

    Both are JSON arrays, compressed by zstd because that opens ten times as fast as gzip;
    `gzipped` is the metadata for those who take gzip, b"" where it was not made yet.
    """

    metadata: bytes
    instances: bytes
    gzipped: bytes = b""

    def plain(self) -> bytes:
        """Return the metadata as it is sent to those who take nothing compressed."""
        return zstandard.ZstdDecompressor().decompress(self.metadata)

    def packed(self) -> bytes:
        """Return the metadata for those who take gzip."""
        return self.gzipped or gzip.compress(self.plain(), 1, mtime=0)

    def answers(self) -> list[dict[str, Any]]:
        """Return what a search says of each instance."""
        opened: list[dict[str, Any]] = orjson.loads(
            zstandard.ZstdDecompressor().decompress(self.instances)
        )
        return opened

    def thoroughly(self) -> Described:
        """Return the same with what takes longer to make."""
        return replace(self, gzipped=gzip.compress(self.plain(), 6, mtime=0))


def describe(models: Sequence[bytes], answers: Sequence[dict[str, Any]]) -> Described:
    """Join the models of a series, and what a search says of its instances."""
    compressor = zstandard.ZstdCompressor(level=3)
    return Described(
        compressor.compress(b"[" + b",".join(models) + b"]"),
        compressor.compress(orjson.dumps(answers)),
    )


def seal_described(series_id: UUID, described: Described, *, study_key: bytes) -> bytes:
    """Seal what is said of a series."""
    parts = (described.metadata, described.instances, described.gzipped)
    whole = _LENGTHS.pack(*map(len, parts)) + b"".join(parts)
    return seal(study_key, whole, bound_to=f"described|{series_id}")


def open_described(series_id: UUID, sealed: bytes | memoryview, *, study_key: bytes) -> Described:
    """Open what `seal_described` sealed. Raises SealBrokenError."""
    whole = unseal(study_key, bytes(sealed), bound_to=f"described|{series_id}")
    first, second, _ = _LENGTHS.unpack_from(whole)
    begins = _LENGTHS.size
    return Described(
        whole[begins : begins + first],
        whole[begins + first : begins + first + second],
        whole[begins + first + second :],
    )
