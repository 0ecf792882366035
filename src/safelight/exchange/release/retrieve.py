"""How do pictures and their descriptions leave, to be looked at?

Every function finds what was asked for among what the party may see, puts the
look on record, and only then reads a byte. What is made once (metadata,
thumbnails) is sent as it was made.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from safelight.dicom.bulk import bulk_value
from safelight.dicom.picture import PictureFormat
from safelight.dicom.transfer_syntaxes import EXPLICIT_LITTLE
from safelight.dicom.voi import VoiWindow
from safelight.exchange.access.facts import Party
from safelight.exchange.release.errors import NoPixelsError, NoSuchFrameError
from safelight.exchange.release.find import (
    Found,
    find_instance,
    find_series,
    find_study,
    instances_of,
    series_of,
)
from safelight.exchange.release.looks import look
from safelight.exchange.release.objects import Outgoing, outgoing
from safelight.platform.cage.cage import cage
from safelight.records.imaging.models import Instance, Series
from safelight.records.imaging.renditions import (
    metadata_of,
    pixels_of,
    series_metadata,
    series_thumbnail,
)
from safelight.records.imaging.store import StoredObject, open_instance


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a DICOMweb address names."""

    study_uid: str
    series_uid: str = ""
    instance_uid: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame's bytes and the transfer syntax they are in."""

    data: bytes
    transfer_syntax: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """How a picture is to be rendered (PS3.18 section 8.3.5)."""

    picture: PictureFormat = PictureFormat.JPEG
    viewport: tuple[int, int] | None = None
    window: VoiWindow | None = None
    quality: int = 90


def instances(party: Party, asked: Asked, *, at: datetime) -> tuple[Found, list[Instance]]:
    """Return the visible instances of a study, a series, or one instance, and record the look.

    Raises:
        NotFoundError: there is none for this party.
    """
    found = find_study(party, asked.study_uid, at=at)
    rows = _rows(found, asked)
    look(party, found, at=at, pictures=len(rows))
    return found, rows


def files(party: Party, asked: Asked, *, at: datetime) -> tuple[Found, list[Outgoing]]:
    """Return the objects as files, each ready to be streamed."""
    found, rows = instances(party, asked, at=at)
    return found, [outgoing(open_instance(row)) for row in rows]


def frames(
    party: Party, asked: Asked, numbers: list[int], *, decoded: bool, at: datetime
) -> list[Frame]:
    """Return frames as stored, or decoded to native little endian.

    Raises:
        NoPixelsError: the object is a document.
        NoSuchFrameError: a number lies outside; frames count from 1.
    """
    found, row = _one(party, asked, at=at)
    stored = open_instance(row)
    taken = [_frame(stored, number) for number in numbers]
    look(party, found, at=at, pictures=len(numbers))
    if not decoded or stored.card.transfer_syntax == EXPLICIT_LITTLE:
        return [Frame(data, stored.card.transfer_syntax) for data in taken]
    return [
        Frame(
            cage()
            .decode(
                data,
                pixels_of(row, stored, frame=number),
                transfer_syntax=stored.card.transfer_syntax,
            )
            .data,
            EXPLICIT_LITTLE,
        )
        for number, data in zip(numbers, taken, strict=True)
    ]


def rendered(
    party: Party, asked: Asked, number: int, rendering: Rendering, *, at: datetime
) -> bytes:
    """Return one frame as a picture for the screen, made in the cage."""
    found, row = _one(party, asked, at=at)
    stored = open_instance(row)
    data = _frame(stored, number)
    look(party, found, at=at, pictures=1)
    return cage().render(
        data,
        pixels_of(row, stored, frame=number),
        transfer_syntax=stored.card.transfer_syntax,
        window=rendering.window,
        viewport=rendering.viewport,
        format=rendering.picture,
        quality=rendering.quality,
    )


def thumbnail(party: Party, asked: Asked, *, at: datetime) -> bytes:
    """Return a small picture standing for a study or series, as JPEG."""
    found = find_study(party, asked.study_uid, at=at)
    if asked.series_uid:
        chosen = find_series(found, asked.series_uid)
    else:
        visible = series_of(found)
        if not visible:
            raise NoPixelsError
        chosen = visible[0]
    look(party, found, at=at)
    picture = series_thumbnail(chosen, instances_of(found, chosen))
    if picture is None:
        raise NoPixelsError
    return picture


def metadata(party: Party, asked: Asked, *, at: datetime) -> bytes:
    """Return the DICOM JSON metadata as gzip bytes.

    A series that is visible whole is sent as it was made once; a part of one is
    put together from its instances, so that nothing else shows.
    """
    found = find_study(party, asked.study_uid, at=at)
    look(party, found, at=at)
    if asked.instance_uid:
        series = find_series(found, asked.series_uid)
        row = find_instance(found, series, asked.instance_uid)
        return gzip.compress(b"[" + metadata_of([row], level="instance")[0] + b"]", 1)
    if asked.series_uid:
        return _series_metadata(found, find_series(found, asked.series_uid))
    parts = [
        part
        for series in series_of(found)
        for part in metadata_of(instances_of(found, series), level="study")
    ]
    return gzip.compress(b"[" + b",".join(parts) + b"]", 1)


def bulkdata(party: Party, asked: Asked, path: str, *, at: datetime) -> bytes:
    """Return the value that a BulkDataURI of the metadata points to.

    Raises:
        NotFoundError: nothing lies at that path.
    """
    found, row = _one(party, asked, at=at)
    look(party, found, at=at)
    return bulk_value(open_instance(row), path)


def picture_model(party: Party, asked: Asked, *, at: datetime) -> dict[str, Any]:
    """Return one instance's DICOM JSON model."""
    _, row = _one(party, asked, at=at)
    model: dict[str, Any] = orjson.loads(model_of_bytes(row))
    return model


def model_of_bytes(row: Instance) -> bytes:
    """Return one instance's model as JSON bytes."""
    return metadata_of([row], level="instance")[0]


def _series_metadata(found: Found, series: Series) -> bytes:
    rows = instances_of(found, series)
    whole = found.decision.scope.whole or _is_whole(series, rows)
    if whole:
        return series_metadata(series)
    return gzip.compress(b"[" + b",".join(metadata_of(rows, level="series")) + b"]", 1)


def _is_whole(series: Series, rows: list[Instance]) -> bool:
    return Instance.objects.filter(series_id=series.id).count() == len(rows)


def _rows(found: Found, asked: Asked) -> list[Instance]:
    if not asked.series_uid:
        return instances_of(found)
    series = find_series(found, asked.series_uid)
    if not asked.instance_uid:
        return instances_of(found, series)
    return [find_instance(found, series, asked.instance_uid)]


def _one(party: Party, asked: Asked, *, at: datetime) -> tuple[Found, Instance]:
    found = find_study(party, asked.study_uid, at=at)
    return found, find_instance(found, find_series(found, asked.series_uid), asked.instance_uid)


def _frame(stored: StoredObject, number: int) -> bytes:
    if not stored.card.frames:
        raise NoPixelsError
    try:
        return stored.frame(number)
    except IndexError:
        raise NoSuchFrameError from None
