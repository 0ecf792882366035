"""How does one long value leave, which the metadata names by an address?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from safelight.dicom.bulk import bulk_pieces, find_element
from safelight.dicom.index import scan
from safelight.exchange.access.facts import Party
from safelight.exchange.release.viewing.find import Found
from safelight.exchange.release.viewing.looks import look
from safelight.exchange.release.viewing.pictures import Frames
from safelight.exchange.release.viewing.retrieve import Asked, one_instance
from safelight.records.imaging.store import open_instance


@dataclass(frozen=True, slots=True)
class Bulk:
    """One value that may leave. `frames` is set where it is compressed pixel data."""

    found: Found
    size: int
    pieces: Iterator[bytes]
    frames: Frames | None


def bulkdata(party: Party, asked: Asked, path: str, *, at: datetime) -> Bulk:
    """Return the value that a BulkDataURI of the metadata points to, and record the look.

    Raises:
        NotFoundError: nothing lies at that path.
    """
    found, row = one_instance(party, asked, at=at)
    look(party, found, at=at)
    stored = open_instance(row)
    header = scan(stored)
    item, element = find_element(header, path)
    pixels = header.pixels
    frames = None
    if pixels is not None and pixels.encapsulated and pixels.offset == element.offset:
        numbers = range(1, len(stored.card.frames) + 1)
        frames = Frames(found, row, stored, tuple(numbers))
    return Bulk(found, element.length, bulk_pieces(header.dataset or stored, item, element), frames)
