"""How is the record written as a table, so that no spreadsheet runs what stands in it?"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Final

from safelight.exchange.release.papers.listing import plain_cell
from safelight.governance.trail.told import Told
from safelight.platform.audit.entry import time_text

COLUMNS: Final = (
    *("entry", "id", "at", "kind", "outcome", "actor", "on_behalf", "organization", "subject"),
    *("patient", "vault", "session", "origin", "purpose", "consent", "reason", "count", "bytes"),
)


def heading() -> bytes:
    """Return the line that names the columns."""
    return _lines([COLUMNS])


def rows(batch: Iterable[Told]) -> bytes:
    """Return the lines of some entries, after RFC 4180."""
    return _lines([plain_cell(str(value)) for value in _values(each)] for each in batch)


def _values(one: Told) -> Iterator[object]:
    said = one.entry
    yield from (said.seq, said.entry_id, time_text(said.at), said.kind, said.outcome, said.actor)
    yield from (said.on_behalf, one.organization, said.subject, one.patient, said.vault_id or "")
    yield from (said.session, said.origin, said.purpose, said.consent_id or "", said.reason)
    yield from (said.count, said.size)


def _lines(cells: Iterable[Iterable[str]]) -> bytes:
    page = StringIO(newline="")
    csv.writer(page).writerows(cells)
    return page.getvalue().encode()
