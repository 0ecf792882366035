"""Which disclosures does an accounting list, and how are many of one kind summed up?

The complete history lists each. The statutory accounting (45 CFR 164.528) leaves out what
went to the person or whoever acts for them, what was authorised, and the other grounds
that paragraph (a)(1) names; and writes of many to one recipient for one purpose the
first, how many, and the last (paragraph (b)(3)). Pure: rows in, lines out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID


class Extent(StrEnum):
    """How much an accounting lists. Values are stable codes."""

    COMPLETE = "complete"
    STATUTORY = "statutory"


CARE: Final = "care"
"""What those who treat the person looked at: history of access, no disclosure."""

# An elevation and an emergency stay in. Justified, they are operations and treatment, which the
# rule lets out; that is found by a review afterwards, and one that was not justified has to be
# listed. The rule forbids nothing more than it asks for, so who looked by power is always told.
_LEFT_OUT: Final = frozenset(
    {
        "self",
        "represented",
        "authorised",
        "tpo",
        "limited_data_set",
        "incidental",
        "national_security",
        CARE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One disclosure, in words. `ground` is a code; `basis` names its consent or order, if any.

    `entry_id` is its entry in the record, None where none can be named.
    """

    at: datetime
    recipient: str
    address: str
    description: str
    purpose: str
    ground: str
    channel: str
    result: str
    pictures: int
    basis: str = ""
    number: str = ""
    entry_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of an accounting: a disclosure, or the first of `count` with the last one's time."""

    first: Entry
    count: int
    last_at: datetime
    entry_ids: tuple[UUID, ...] = ()


def lines_of(entries: Iterable[Entry], extent: Extent) -> list[Line]:
    """Return the lines of an accounting, the oldest first."""
    ordered = sorted(entries, key=lambda entry: entry.at)
    if extent is Extent.COMPLETE:
        return [_line([entry]) for entry in ordered]
    # What nobody thought to leave out is listed: a ground unknown here must not hide.
    return _summed_up(entry for entry in ordered if entry.ground not in _LEFT_OUT)


def _summed_up(entries: Iterable[Entry]) -> list[Line]:
    series: dict[tuple[str, ...], list[Entry]] = {}
    for entry in entries:
        same = (entry.recipient, entry.address, entry.purpose, entry.ground, entry.basis)
        series.setdefault((*same, entry.description), []).append(entry)
    return [_line(listed) for listed in series.values()]


def _line(listed: list[Entry]) -> Line:
    return Line(
        first=listed[0],
        count=len(listed),
        last_at=listed[-1].at,
        entry_ids=tuple(each.entry_id for each in listed if each.entry_id is not None),
    )
