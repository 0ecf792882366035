"""What is made once of an exam and then only sent?

Metadata answers and thumbnails. They are made after intake by a job, or at the
first request if that comes sooner, and sealed under the study key.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import orjson
from django.db.models import Max

from safelight.dicom.bulk import bulk_value
from safelight.dicom.pixels import PixelModule
from safelight.kernel.errors import ExpectedError
from safelight.platform.cage.cage import cage
from safelight.platform.keys.cipher import seal, unseal
from safelight.platform.keys.ring import ring
from safelight.records.imaging.answers import (
    open_model,
    open_series_metadata,
    seal_series_metadata,
)
from safelight.records.imaging.models import (
    Instance,
    InstanceModel,
    Series,
    SeriesMetadata,
    Thumbnail,
)
from safelight.records.imaging.store import StoredObject, open_instance

_THUMBNAIL_SIDE: Final = 256
_THUMBNAIL_QUALITY: Final = 80
_BULK_START: Final = b'"BulkDataURI":"'
_BULK: Final = _BULK_START + b"bulkdata/"


def model_of(row: Instance) -> dict[str, Any]:
    """Return one instance's DICOM JSON model."""
    opened: dict[str, Any] = orjson.loads(metadata_of([row], level="instance")[0])
    return opened


def pixels_of(row: Instance, stored: StoredObject, *, frame: int) -> PixelModule:
    """Return how one frame of an instance looks; its tables are read from the object.

    Raises:
        UnreadableError: what the object says of its pixels makes no sense.
    """
    return PixelModule.from_json(model_of(row), frame=frame, bulk=partial(bulk_value, stored))


def metadata_of(rows: Sequence[Instance], *, level: str) -> list[bytes]:
    """Return the models of instances as JSON bytes, in the given order.

    BulkDataURIs are relative to the address of the answer, which is that of a
    study, a series or an instance (`level`).
    """
    if not rows:
        return []
    sealed = {
        each.instance_id: each.sealed_model
        for each in InstanceModel.objects.filter(instance_id__in=[row.id for row in rows])
    }
    models = []
    for row in rows:
        study_key = ring().study_key(row.study_id)
        model = open_model(row.id, sealed[row.id], study_key=study_key)
        if level != "instance" and _BULK in model:
            model = model.replace(_BULK, _BULK_START + _prefix(model, level))
        models.append(model)
    return models


def _prefix(model: bytes, level: str) -> bytes:
    opened = orjson.loads(model)
    instance = f"instances/{opened['00080018']['Value'][0]}/bulkdata/"
    if level == "series":
        return instance.encode()
    return f"series/{opened['0020000E']['Value'][0]}/{instance}".encode()


def series_metadata(series: Series) -> bytes:
    """Return a series' metadata answer as gzip bytes, made once for what it holds."""
    study_key = ring().study_key(series.study_id)
    newest = Instance.objects.filter(series_id=series.id).aggregate(Max("arrival"))["arrival__max"]
    kept = SeriesMetadata.objects.filter(series_id=series.id, arrival=newest).first()
    if kept is None:
        rows = list(Instance.objects.filter(series_id=series.id).order_by("arrival"))
        kept = SeriesMetadata(
            series_id=series.id,
            arrival=rows[-1].arrival,
            instances=len(rows),
            sealed_answer=seal_series_metadata(
                series.id, metadata_of(rows, level="series"), study_key=study_key
            ),
        )
        SeriesMetadata.objects.update_or_create(
            series_id=series.id,
            defaults={
                "arrival": kept.arrival,
                "instances": kept.instances,
                "sealed_answer": kept.sealed_answer,
            },
        )
    return open_series_metadata(series.id, kept.sealed_answer, study_key=study_key)


def kept_thumbnail(series: Series) -> bytes | None:
    """Return the small JPEG that stands for a whole series, or None if none was made yet."""
    kept = Thumbnail.objects.filter(series_id=series.id).first()
    if kept is None:
        return None
    study_key = ring().study_key(series.study_id)
    return unseal(study_key, bytes(kept.sealed_picture), bound_to=_thumbnail_name(series))


def _thumbnail_name(series: Series) -> str:
    return f"thumbnail|{series.id}"


def series_thumbnail(series: Series, rows: Sequence[Instance]) -> bytes | None:
    """Return a small JPEG of the middle of `rows`, or None where there are no pixels.

    The kept thumbnail stands for the whole series; for a part of it one is made
    of that part, so that nothing else shows.
    """
    whole = Instance.objects.filter(series_id=series.id).count() == len(rows)
    if whole and (kept := kept_thumbnail(series)) is not None:
        return kept
    picture = _picture_of(rows[len(rows) // 2]) if rows else None
    if whole and picture is not None:
        Thumbnail.objects.update_or_create(
            series_id=series.id,
            defaults={
                "study_id": series.study_id,
                "sealed_picture": seal(
                    ring().study_key(series.study_id), picture, bound_to=_thumbnail_name(series)
                ),
            },
        )
    return picture


def _picture_of(row: Instance) -> bytes | None:
    stored = open_instance(row)
    frames = len(stored.card.frames)
    if not frames:
        return None
    middle = frames // 2 + 1
    try:
        return cage().render(
            stored.frame(middle),
            pixels_of(row, stored, frame=middle),
            transfer_syntax=stored.card.transfer_syntax,
            viewport=(_THUMBNAIL_SIDE, _THUMBNAIL_SIDE),
            quality=_THUMBNAIL_QUALITY,
        )
    except ExpectedError:
        # A picture that cannot be decoded has no thumbnail; the exam stays usable.
        return None
