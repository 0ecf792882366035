"""What is made once of an exam and then only sent?

Metadata answers and thumbnails. They are made after intake by a job, or at the
first request if that comes sooner, and sealed under the study key.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final
from uuid import UUID

import orjson

from safelight.dicom.json.bulk import bulk_value
from safelight.dicom.json.summary import instance_answer
from safelight.dicom.pixels.layout import PixelModule
from safelight.dicom.pixels.overlays import Overlay, overlays
from safelight.kernel.errors import ExpectedError, NotFoundError
from safelight.platform.cage.cage import cage
from safelight.platform.database.asking import as_id, ask, ask_one
from safelight.platform.keys.cipher import seal, unseal
from safelight.platform.keys.errors import SealBrokenError
from safelight.platform.keys.ring import ring
from safelight.records.imaging.answers import open_model
from safelight.records.imaging.described import (
    Described,
    describe,
    open_described,
    seal_described,
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
_SERIES_UID: Final = "0020000E"
_THUMBNAIL: Final = "SELECT sealed_picture FROM imaging_thumbnail WHERE series_id = %s"
_KEPT: Final = """
    SELECT held.newest, made.arrival, held.instances = made.instances, made.sealed_answer
    FROM imaging_seriesmetadata AS made, (
        SELECT MAX(arrival) AS newest, COUNT(*) AS instances FROM imaging_instance
        WHERE series_id = %s
    ) AS held
    WHERE made.series_id = %s
"""
_MODEL: Final = "SELECT sealed_model FROM imaging_instancemodel WHERE instance_id = %s"
_MODELS: Final = """
    SELECT instance.arrival, instance.id, model.sealed_model FROM imaging_instance AS instance
    JOIN imaging_instancemodel AS model ON model.instance_id = instance.id
    WHERE instance.series_id = %s ORDER BY instance.arrival
"""
_BULK_START: Final = b'"BulkDataURI":"'
_BULK: Final = _BULK_START + b"bulkdata/"


def model_of(row: Instance) -> dict[str, Any]:
    """Return one instance's DICOM JSON model.

    Raises:
        NotFoundError: it was removed a moment ago.
    """
    found = ask_one(_MODEL, row.id)
    if found is None:
        raise NotFoundError
    study_key = ring().study_key(row.study_id)
    opened: dict[str, Any] = orjson.loads(open_model(row.id, found[0], study_key=study_key))
    return opened


def pixels_of(row: Instance, stored: StoredObject, *, frame: int) -> PixelModule:
    """Return how one frame of an instance looks; its tables are read from the object.

    Raises:
        UnreadableError: what the object says of its pixels makes no sense.
    """
    return PixelModule.from_json(model_of(row), frame=frame, bulk=partial(bulk_value, stored))


def picture_of(
    row: Instance, stored: StoredObject, *, frame: int
) -> tuple[PixelModule, tuple[Overlay, ...]]:
    """Return how one frame of an instance looks, and what is drawn over it. Raises the same."""
    model, bulk = model_of(row), partial(bulk_value, stored)
    pixels = PixelModule.from_json(model, frame=frame, bulk=bulk)
    return pixels, overlays(model, pixels, bulk=bulk)


def metadata_of(rows: Sequence[Instance], *, level: str) -> list[bytes]:
    """Return the models of instances as JSON bytes, in the given order.

    BulkDataURIs are relative to the address of the answer, which is that of a
    study, a series or an instance (`level`). What was removed a moment ago is left out.
    """
    return list(models_of(rows, level=level).values())


def models_of(rows: Sequence[Instance], *, level: str) -> dict[UUID, bytes]:
    """Return the same by the ids of the instances."""
    if not rows:
        return {}
    sealed = {
        each.instance_id: each.sealed_model
        for each in InstanceModel.objects.filter(instance_id__in=[row.id for row in rows])
    }
    models = {}
    for row in rows:
        if row.id in sealed:
            study_key = ring().study_key(row.study_id)
            model = open_model(row.id, sealed[row.id], study_key=study_key)
            models[row.id] = _placed(model, level)
    return models


def _placed(model: bytes, level: str) -> bytes:
    """Return a model whose bulk data are addressed from where the answer stands."""
    if level == "instance" or _BULK not in model:
        return model
    return model.replace(_BULK, _BULK_START + _prefix(model, level))


def _prefix(model: bytes, level: str) -> bytes:
    opened = orjson.loads(model)
    instance = f"instances/{opened['00080018']['Value'][0]}/bulkdata/"
    if level == "series":
        return instance.encode()
    return f"series/{opened['0020000E']['Value'][0]}/{instance}".encode()


def describe_series(series: Series, *, thoroughly: bool = False) -> Described:
    """Return what is said of a series, made once for what it holds.

    `thoroughly` makes also what nobody should wait for.

    Raises:
        NotFoundError: it was removed a moment ago.
    """
    study_key = ring().study_key(series.study_id)
    found = ask_one(_KEPT, series.id, series.id)
    newest, arrival, as_many, sealed = found or (None, None, False, b"")
    kept = None
    if newest is not None and arrival == newest and as_many:
        with suppress(SealBrokenError):  # made by an older version, in another form
            kept = open_described(series.id, sealed, study_key=study_key)
    if kept is not None and (kept.gzipped or not thoroughly):
        return kept
    if kept is None:
        newest, kept = _made(series, study_key)
    if thoroughly:
        kept = kept.thoroughly()
    SeriesMetadata.objects.update_or_create(
        series_id=series.id,
        defaults={
            "arrival": newest,
            "instances": len(kept.answers()),
            "sealed_answer": seal_described(series.id, kept, study_key=study_key),
        },
    )
    return kept


def _made(series: Series, study_key: bytes) -> tuple[int, Described]:
    """Describe what a series holds now, up to the arrival that is returned."""
    rows = ask(_MODELS, series.id)
    if not rows:
        raise NotFoundError
    models = [open_model(as_id(each), sealed, study_key=study_key) for _, each, sealed in rows]
    told = [orjson.loads(model) for model in models]
    # An instance is addressed through its series, so it names that too.
    answers = [instance_answer(each) | {_SERIES_UID: each[_SERIES_UID]} for each in told]
    described = describe([_placed(model, "series") for model in models], answers)
    return rows[-1][0], described


def kept_thumbnail(series: Series) -> bytes | None:
    """Return the small JPEG that stands for a whole series, or None if none was made yet."""
    kept = ask_one(_THUMBNAIL, series.id)
    if kept is None:
        return None
    study_key = ring().study_key(series.study_id)
    return unseal(study_key, bytes(kept[0]), bound_to=_thumbnail_name(series))


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
        pixels, drawings = picture_of(row, stored, frame=middle)
        return cage().render(
            stored.frame(middle),
            pixels,
            overlays=drawings,
            transfer_syntax=stored.card.transfer_syntax,
            viewport=(_THUMBNAIL_SIDE, _THUMBNAIL_SIDE),
            quality=_THUMBNAIL_QUALITY,
        )
    except ExpectedError:
        # A picture that cannot be decoded has no thumbnail; the exam stays usable.
        return None
