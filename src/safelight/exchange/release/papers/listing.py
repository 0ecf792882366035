"""How is an accounting of disclosures made, and as what does it leave?

As a signed PDF, as CSV for a spreadsheet, as FHIR, as the proof of its lines, or all but
the FHIR in one zip. Each line names its entries of the record. That it was made is on record.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from io import StringIO
from typing import Final
from uuid import UUID

import orjson
from django.conf import settings
from django.db import transaction

from safelight.exchange.access.facts import Party
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.papers.accounting import CARE, Extent, Line, lines_of
from safelight.exchange.release.papers.counting import note_given
from safelight.exchange.release.papers.fhir_events import audit_events
from safelight.exchange.release.papers.gathering import entries_of
from safelight.exchange.release.papers.proving import bundle, lines_proved
from safelight.exchange.release.papers.sealing import sign_paper
from safelight.exchange.release.papers.sheet import (
    Block,
    Facts,
    Grid,
    Heading,
    Sheet,
    Words,
    to_pdf,
)
from safelight.exchange.release.people import name_of, representative_named
from safelight.exchange.release.periods import Period, years_back
from safelight.platform.audit.actions import record
from safelight.platform.audit.proving import Places, places_of


class Form(StrEnum):
    """As what an accounting leaves. Values are stable codes."""

    PDF = "pdf"
    CSV = "csv"
    FHIR = "fhir"
    PROOF = "proof"
    ZIP = "zip"


GROUND_WORDS: Final = {
    "self": "your own copy",
    "represented": "somebody who acts for you",
    "authorised": "your consent",
    "elevation": "those who run this service, by two of them",
    "break-glass": "an emergency",
    "statutory": "required or permitted by law",
    "tpo": "treatment, payment or operations",
    "limited_data_set": "limited data set",
    "incidental": "incidental",
    "national_security": "national security",
    CARE: "the care team (history of access)",
}
_COLUMNS: Final = (
    "number",
    "date",
    "last_date",
    "count",
    "recipient",
    "address",
    "description",
    "purpose",
    "ground",
    "basis",
    "channel",
    "result",
    "pictures",
    "entries",
)
# A spreadsheet takes a cell that begins so for a formula (or a tab or return before one).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 (they are meant)
_TITLES: Final = {
    Extent.COMPLETE: "Everything that left",
    Extent.STATUTORY: "Accounting of disclosures",
}
_EXPLAINED: Final = {
    Extent.COMPLETE: (
        "Each time that information about your exams went to somebody, you included, and each "
        "time that those who treat you looked at them."
    ),
    Extent.STATUTORY: (
        "What an accounting under 45 CFR 164.528 lists. Left out, as it says: what went to you or "
        "to somebody who acts for you, what you authorised by a consent, treatment, payment and "
        "operations, limited data sets, incidental disclosures and national security. The "
        "complete list holds these too."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounting:
    """An accounting as it will be handed over: of whom, since when until when, its lines.

    `asked_by` names who acted for that person.
    """

    name: str
    extent: Extent
    since: datetime | None
    before: datetime
    made_at: datetime
    lines: tuple[Line, ...]
    places: Places
    number_in_year: int | None = None
    asked_by: str = ""

    def entries_of(self, line: Line) -> list[int]:
        """Return the places of a line's entries in the record, as far as they are signed."""
        places = self.places.of
        return sorted(places[each] for each in line.entry_ids if each in places)


def accounting(
    party: Party, extent: Extent, period: Period, *, acting: UUID | None = None, at: datetime
) -> Accounting:
    """Make an accounting of what left of this party's own exams; six years back unless asked.

    Or, where `acting` names the authority, of the exams of whom they act for: it is about
    that person, and on record as asked for by this party.

    Raises:
        NotFoundError: this party has no exams of their own to ask about, or no such authority.
    """
    earliest = years_back(at) if extent is Extent.STATUTORY else None
    since = period.since or earliest
    if since is not None and earliest is not None:
        since = max(since, earliest)
    before = min(period.before or at, at)
    within = Period(since=since, before=before)
    lines = lines_of(entries_of(party, within, acting=acting, at=at), extent)
    about = representative_named(acting) if acting is not None else None
    whose = about.represented_id if about is not None else party.account
    with transaction.atomic():
        record(
            ReleaseEvent.ACCOUNTING_MADE,
            actor=party.name,
            session=party.session,
            subject=f"representative/{acting}" if acting is not None else party.name,
            on_behalf=f"account/{whose}" if about is not None and whose is not None else "",
            reason=extent.value,
            count=len(lines),
            at=at,
        )
        is_owed = extent is Extent.STATUTORY
        number = note_given(whose, at=at) if is_owed and whose is not None else None
    return Accounting(
        name=about.represented_name if about is not None else name_of(party.account),
        asked_by=name_of(party.account) if about is not None else "",
        extent=extent,
        since=since,
        before=before,
        made_at=at,
        lines=tuple(lines),
        places=places_of([each for line in lines for each in line.entry_ids]),
        number_in_year=number,
    )


def written(made: Accounting, form: Form) -> bytes:
    """Write an accounting as a file."""
    if form is Form.CSV:
        return _csv(made)
    if form is Form.FHIR:
        told = [(line, made.entries_of(line)) for line in made.lines]
        return orjson.dumps(audit_events(told, name=made.name, at=made.made_at))
    proof = proof_of(made)
    if form is Form.PROOF:
        return proof
    paper = sign_paper(to_pdf(_sheet(made)), inclusion=proof)
    return bundle(paper, _csv(made), proof, made.made_at) if form is Form.ZIP else paper


def proof_of(made: Accounting) -> bytes:
    """Return the proof file of an accounting's lines."""
    return lines_proved([_cells(made, line) for line in made.lines], made.places, made.made_at)


def _cells(made: Accounting, line: Line) -> dict[str, str]:
    """Return what one line says, in texts, by the names of the columns."""
    entry = line.first
    cells = (
        entry.number,
        entry.at.astimezone(UTC).isoformat(),
        line.last_at.astimezone(UTC).isoformat(),
        str(line.count),
        entry.recipient,
        entry.address,
        entry.description,
        entry.purpose,
        entry.ground,
        entry.basis,
        entry.channel,
        entry.result,
        str(entry.pictures),
        " ".join(str(each) for each in made.entries_of(line)),
    )
    return dict(zip(_COLUMNS, cells, strict=True))


def _csv(made: Accounting) -> bytes:
    """Write one line a row; UTF-8 with a mark, which spreadsheets ask for."""
    written_lines = StringIO()
    rows = csv.writer(written_lines)
    rows.writerow(_COLUMNS)
    for line in made.lines:
        rows.writerow([plain_cell(cell) for cell in _cells(made, line).values()])
    return written_lines.getvalue().encode("utf-8-sig")


def plain_cell(text: str) -> str:
    """Return a cell's text so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _sheet(made: Accounting) -> Sheet:
    first = _moment(made.since) if made.since else "the beginning"
    facts = Facts(
        (
            ("About", made.name),
            *((("Asked for by", f"{made.asked_by}, acting for them"),) if made.asked_by else ()),
            ("From", first),
            ("Until", _moment(made.before)),
            ("Made", _moment(made.made_at)),
            ("By", settings.SAFELIGHT_OPERATOR),
            *_fee(made),
        )
    )
    blocks: list[Block] = [Words(_EXPLAINED[made.extent]), facts, Heading("Disclosures")]
    if made.lines:
        blocks += [_grid(made), Words(_checking(), small=True)]
    else:
        blocks.append(Words("There were none in this time."))
    return Sheet(
        title=_TITLES[made.extent],
        foot=f"{settings.SAFELIGHT_OPERATOR}  ·  made {_moment(made.made_at)}",
        blocks=tuple(blocks),
    )


def _fee(made: Accounting) -> tuple[tuple[str, str], ...]:
    """Say what it costs: the law makes the first in twelve months free, this service all."""
    if made.number_in_year is None:
        return ()
    which = "the first" if made.number_in_year == 1 else f"number {made.number_in_year}"
    return (("Fee", f"None. It is {which} within twelve months."),)


def _checking() -> str:
    return (
        "Each line names its entry in this service's record of what happened, and this file "
        "carries the proof that it stands there: python verify_audit.py THIS-FILE --key RECORD-KEY "
        "--paper-key PAPER-KEY, with the program and the keys from "
        f"{settings.SAFELIGHT_PUBLIC_URL}/receipts/record-verifier, /receipts/record-key and "
        "/receipts/key, checks it without us."
    )


def _grid(made: Accounting) -> Grid:
    return Grid(
        head=("Date", "To whom", "What", "Why", "On what ground"),
        rows=tuple(_row(line, made.entries_of(line)) for line in made.lines),
        shares=(18, 24, 28, 16, 16),
    )


def _row(line: Line, entries: list[int]) -> tuple[str, ...]:
    entry = line.first
    when = _moment(entry.at)
    if line.count > 1:
        when += f"\nand {line.count - 1} times more, the last {_moment(line.last_at)}"
    when += f"\n{_entries_named(line, entries)}"
    whom = "\n".join(part for part in (entry.recipient, entry.address) if part)
    return (
        when,
        whom,
        entry.description,
        entry.purpose,
        GROUND_WORDS.get(entry.ground, entry.ground),
    )


def _entries_named(line: Line, entries: list[int]) -> str:
    if len(entries) > 1:
        return f"{len(entries)} entries, {entries[0]} to {entries[-1]}"
    if entries:
        return f"entry {entries[0]}"
    return "entry not signed yet" if line.entry_ids else "entry not named"


def _moment(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%d %H:%M} UTC"
