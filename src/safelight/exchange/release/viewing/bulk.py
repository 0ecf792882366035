"""How does one long value leave, which the metadata names by an address?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from safelight.dicom.elements.element import Element, Item
from safelight.dicom.json.bulk import bulk_pieces, find_element
from safelight.dicom.reading.index import scan
from safelight.dicom.source import Source
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
    row_id: UUID
    size: int
    frames: Frames | None
    _source: Source
    _item: Item
    _element: Element

    def pieces(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Yield the bytes [start, stop) of the value."""
        end = self.size if stop is None else stop
        if not self._item.little_endian:
            # Words that are turned around are whole only from the beginning on.
            whole = bulk_pieces(self._source, self._item, self._element)
            yield from _between(whole, start, end)
            return
        part = self._element._replace(offset=self._element.offset + start, length=end - start)
        yield from bulk_pieces(self._source, self._item, part)


def _between(pieces: Iterator[bytes], start: int, stop: int) -> Iterator[bytes]:
    at = 0
    for piece in pieces:
        if at >= stop:
            return
        yield piece[max(start - at, 0) : max(stop - at, 0)]
        at += len(piece)


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
    source = header.dataset or stored
    return Bulk(found, row.id, element.length, frames, source, item, element)
