"""How is one block of pixels made smaller, and made exactly itself again?"""

from __future__ import annotations

import threading
from enum import IntEnum

import numpy as np
import zstandard

from safelight.platform.storage.errors import RecordBrokenError

_LEVEL = 1
_WORTH = 0.95  # a block is stored compressed when it is at most this part of its size
_SPLIT_SAMPLE = 2  # bytes


class Codec(IntEnum):
    """How a segment is stored. Values are stored for ever."""

    RAW = 0
    ZSTD = 1
    ZSTD_SPLIT = 2  # zstd of the even bytes followed by the odd bytes


# A zstd context holds a megabyte and serves one thread at a time.
_local = threading.local()


def compress(block: bytes, *, sample_bytes: int) -> tuple[Codec, bytes]:
    """Return how to store a block, and the bytes to store."""
    compressor = getattr(_local, "compressor", None)
    if compressor is None:
        compressor = _local.compressor = zstandard.ZstdCompressor(level=_LEVEL)
    split = sample_bytes == _SPLIT_SAMPLE and len(block) % _SPLIT_SAMPLE == 0
    stored: bytes = compressor.compress(_split(block) if split else block)
    if len(stored) > _WORTH * len(block):
        return Codec.RAW, block
    return (Codec.ZSTD_SPLIT if split else Codec.ZSTD), stored


def decompress(stored: memoryview, *, codec: Codec, length: int) -> bytes:
    """Return the `length` bytes of a block that is not stored raw.

    Raises:
        RecordBrokenError: that is not what `stored` holds; nothing was allocated for it.
    """
    decompressor = getattr(_local, "decompressor", None)
    if decompressor is None:
        decompressor = _local.decompressor = zstandard.ZstdDecompressor()
    try:
        if zstandard.frame_content_size(stored) != length:
            raise RecordBrokenError
        block: bytes = decompressor.decompress(stored)
    except zstandard.ZstdError:
        raise RecordBrokenError from None
    return _joined(block) if codec is Codec.ZSTD_SPLIT else block


def _split(block: bytes) -> bytes:
    samples = np.frombuffer(block, "<u2")
    return (samples & 0xFF).astype(np.uint8).tobytes() + (samples >> 8).astype(np.uint8).tobytes()


def _joined(split: bytes) -> bytes:
    if len(split) % _SPLIT_SAMPLE:
        raise RecordBrokenError
    low, high = np.frombuffer(split, np.uint8).reshape(_SPLIT_SAMPLE, -1)
    samples = high.astype("<u2")
    samples <<= 8
    samples |= low
    return samples.tobytes()
