"""In which forms may somebody take along what they may read of the record?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from safelight.governance.trail import dicom, fhir, table
from safelight.governance.trail.leaving import leaving
from safelight.governance.trail.told import Told, told
from safelight.platform.audit.leaving import export_entries
from safelight.platform.audit.queries import TrailEntry, TrailFilter


class Form(StrEnum):
    """How an export is written. Values are stable codes, and stand in the record."""

    FHIR = "fhir"
    DICOM = "dicom"
    TABLE = "csv"


@dataclass(frozen=True, slots=True)
class File:
    """What an export is called and what sort of file it is."""

    name: str
    kind: str


FILES: Final = {
    Form.FHIR: File("record.ndjson", "application/fhir+ndjson"),
    Form.DICOM: File("record-dicom.xmllines", "application/xml-lines"),
    Form.TABLE: File("record.csv", "text/csv; charset=utf-8"),
}
_WRITERS: Final[dict[Form, Callable[[Iterable[Told]], bytes]]] = {
    Form.FHIR: fhir.lines,
    Form.DICOM: dicom.lines,
    Form.TABLE: table.rows,
}


def export(actor: str, wanted: TrailFilter, form: Form, *, at: datetime) -> Iterator[bytes]:
    """Record that entries are handed out, then return them in a form, oldest first.

    `wanted.within` limits it to what the reader may read; the caller has decided that.

    Raises:
        ManyPeopleError: it tells of many, and no two people agreed.
    """
    batches = leaving(
        actor,
        wanted,
        form.value,
        take=lambda: export_entries(actor, wanted, form.value, at=at),
        at=at,
    )
    return _written(batches, form)


def _written(batches: Iterator[list[TrailEntry]], form: Form) -> Iterator[bytes]:
    if form is Form.TABLE:
        yield table.heading()
    for batch in batches:
        yield _WRITERS[form](told(batch))
