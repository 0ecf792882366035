"""How is an answer made once and kept sealed?"""

from __future__ import annotations

import threading
from typing import Any
from uuid import UUID

import orjson
import zstandard

from safelight.platform.keys.cipher import seal, unseal

# A zstd context serves one thread at a time, and costs more to make than a model to compress.
_local = threading.local()


def seal_answer(level: str, owner_id: UUID, answer: dict[str, Any], *, study_key: bytes) -> bytes:
    """Seal a study's or series' QIDO-RS answer (DICOM JSON, no counts, no addresses)."""
    return seal(study_key, orjson.dumps(answer), bound_to=f"{level}-answer|{owner_id}")


def open_answer(
    level: str, owner_id: UUID, sealed: bytes | memoryview, *, study_key: bytes
) -> dict[str, Any]:
    """Open what `seal_answer` sealed."""
    opened: dict[str, Any] = orjson.loads(
        unseal(study_key, bytes(sealed), bound_to=f"{level}-answer|{owner_id}")
    )
    return opened


def packed_model(model: dict[str, Any]) -> bytes:
    """Compress one instance's DICOM JSON model: a hundredth of what it takes as objects."""
    compressor = getattr(_local, "compressor", None)
    if compressor is None:
        compressor = _local.compressor = zstandard.ZstdCompressor(level=1)
    packed: bytes = compressor.compress(orjson.dumps(model))
    return packed


def unpacked_model(packed: bytes) -> dict[str, Any]:
    """Return the model that `packed_model` compressed."""
    model: dict[str, Any] = orjson.loads(zstandard.ZstdDecompressor().decompress(packed))
    return model


def seal_model(instance_id: UUID, packed: bytes, *, study_key: bytes) -> bytes:
    """Seal one instance's compressed DICOM JSON model."""
    return seal(study_key, packed, bound_to=f"model|{instance_id}")


def open_model(instance_id: UUID, sealed: bytes | memoryview, *, study_key: bytes) -> bytes:
    """Return one instance's DICOM JSON model as the bytes of a JSON object."""
    packed = unseal(study_key, bytes(sealed), bound_to=f"model|{instance_id}")
    return zstandard.ZstdDecompressor().decompress(packed)
