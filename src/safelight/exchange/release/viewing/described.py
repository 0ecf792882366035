"""What is told of a study, a series or an instance: its metadata, and the answers of searches?

A series that is visible whole is told as it was made once; a part of one is put together
from its instances, so that nothing else shows.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from safelight.exchange.access.facts import Party
from safelight.exchange.release.viewing.find import (
    Found,
    find_instance,
    find_series,
    find_study,
    instances_of,
    series_of,
)
from safelight.exchange.release.viewing.looks import look
from safelight.exchange.release.viewing.retrieve import Asked
from safelight.records.imaging.described import Described
from safelight.records.imaging.models import Series
from safelight.records.imaging.renditions import describe_series, metadata_of

_SERIES_UID: Final = "0020000E"
_BATCH: Final = 128
# How an address begins that counts from the series, and how one that counts from the study does.
_BULK: Final = b'"BulkDataURI":"instances/'
_BULK_OF_SERIES: Final = b'"BulkDataURI":"series/'


@dataclass(frozen=True, slots=True)
class Metadata:
    """DICOM JSON that may leave, in the form it was made in."""

    told: Described | bytes

    def plain(self) -> bytes:
        """Return it as JSON."""
        return self.told if isinstance(self.told, bytes) else self.told.plain()

    def packed(self) -> bytes:
        """Return it as gzip."""
        return (
            gzip.compress(self.told, 1, mtime=0)
            if isinstance(self.told, bytes)
            else self.told.packed()
        )


def metadata(party: Party, asked: Asked, *, at: datetime) -> Metadata:
    """Return the metadata of what an address names, and record the look.

    Raises:
        NotFoundError: there is nothing for this party.
    """
    found = find_study(party, asked.study_uid, at=at)
    look(party, found, at=at)
    if asked.series_uid and not asked.instance_uid:
        series = find_series(found, asked.series_uid)
        whole = whole_series(found, series)
        if whole is not None:
            return Metadata(whole)
        rows, level = instances_of(found, series), "series"
    elif asked.instance_uid:
        series = find_series(found, asked.series_uid)
        rows, level = [find_instance(found, series, asked.instance_uid)], "instance"
    else:
        parts = [_of_study(found, series) for series in series_of(found)]
        return Metadata(b"[" + b",".join(part for part in parts if part) + b"]")
    return Metadata(b"[" + b",".join(metadata_of(rows, level=level)) + b"]")


def models(party: Party, asked: Asked, *, at: datetime) -> tuple[Found, Iterator[bytes]]:
    """Return the same one by one, as JSON objects, some opened at a time; record the look.

    Raises:
        NotFoundError: there is nothing for this party.
    """
    found = find_study(party, asked.study_uid, at=at)
    look(party, found, at=at)
    chosen = [find_series(found, asked.series_uid)] if asked.series_uid else series_of(found)
    if asked.instance_uid:
        level = "instance"
        rows = [find_instance(found, chosen[0], asked.instance_uid)]
    else:
        level = "series" if asked.series_uid else "study"
        rows = [row for series in chosen for row in instances_of(found, series)]
    batches = (rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH))
    return found, (model for batch in batches for model in metadata_of(batch, level=level))


def _of_study(found: Found, series: Series) -> bytes:
    """Return the models of a series one after the other, addressed from their study."""
    whole = whole_series(found, series)
    if whole is None:
        return b",".join(metadata_of(instances_of(found, series), level="study"))
    plain = whole.plain()[1:-1]
    if _BULK not in plain:
        return plain
    uid = whole.answers()[0][_SERIES_UID]["Value"][0]
    return plain.replace(_BULK, _BULK_OF_SERIES + uid.encode() + b"/instances/")


def whole_series(found: Found, series: Series) -> Described | None:
    """Return what is said of a series if every instance of it may be seen, else None."""
    if not found.covers_all_of(series):
        return None
    described = describe_series(series)
    # What came in meanwhile may be in it, and is not for everybody who saw the rest.
    return described if found.covers_all_of(series) else None
