"""How does a document leave that lies in a DICOM object? (PS3.3 A.45, C.24.2)"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID

from safelight.dicom.json.bulk import bulk_pieces, find_element
from safelight.dicom.reading.index import scan
from safelight.exchange.access.facts import Party
from safelight.exchange.release.viewing.find import Found
from safelight.exchange.release.viewing.looks import look
from safelight.kernel.errors import NotFoundError
from safelight.records.imaging.models import Instance
from safelight.records.imaging.renditions import model_of
from safelight.records.imaging.store import card_of, open_instance

_KIND: Final = "00420012"
_LENGTH: Final = "00420015"
_DOCUMENT: Final = "00420011"
_SHOWN: Final = {
    "application/pdf": "application/pdf",
    "text/xml": "text/xml",
    "application/xml": "text/xml",
}


@dataclass(frozen=True, slots=True)
class Document:
    """One document that may leave, as the sender made it; padding stays behind."""

    row_id: UUID
    media_type: str
    size: int
    pieces: Iterator[bytes]


def document(party: Party, found: Found, row: Instance, *, at: datetime) -> Document | None:
    """Return the document in an object and record the look; None where there is none."""
    held = enclosed(row)
    if held is not None:
        look(party, found, at=at, pictures=[(row.id, 1)])
    return held


def enclosed(row: Instance) -> Document | None:
    """Return the document in an object; None where there is none. The caller has decided."""
    if card_of(row).frames:
        return None
    model = model_of(row)
    kind = _SHOWN.get(str(_first(model, _KIND) or "").lower())
    if kind is None or _DOCUMENT not in model:
        return None
    stored = open_instance(row)
    header = scan(stored)
    try:
        item, element = find_element(header, _DOCUMENT)
    except NotFoundError:
        return None
    stated = _first(model, _LENGTH)
    size = stated if isinstance(stated, int) and 0 < stated <= element.length else element.length
    pieces = bulk_pieces(header.dataset or stored, item, element)
    return Document(row.id, kind, size, _cut(pieces, size))


def _first(model: dict[str, Any], key: str) -> Any:  # noqa: ANN401 (JSON)
    return next(islice(model.get(key, {}).get("Value") or [], 1), None)


def _cut(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    left = size
    for piece in pieces:
        if left <= 0:
            return
        yield piece[:left]
        left -= len(piece)
