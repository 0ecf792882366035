"""What lies before a clinician, a page at a time?

Candidates come in the order of the list, are judged and described some at a time, and a page
asks as many questions whether one exam is on it or fifty. What no index tells (the kind of
pictures, a report) is looked for among so many candidates at most; then the page ends early
and says where to go on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from safelight.exchange.access.decide import decide_all
from safelight.exchange.access.decision import Action, Reason
from safelight.exchange.access.facts import Party
from safelight.exchange.access.rules import standing_refusal
from safelight.exchange.release.inbox.reaching import Candidate, candidates
from safelight.exchange.release.inbox.rows import InboxRow, rows_of
from safelight.exchange.release.inbox.wanted import PAGE, Place, Wanted
from safelight.exchange.release.viewing.find import Found
from safelight.exchange.release.viewing.looks import listed
from safelight.platform.keys.ring import ring
from safelight.records.imaging.models import Study

_AT_ONCE: Final = 128
_MOST_LOOKED_THROUGH: Final = 1024
# What a person acts for somebody by, and what is one's own, is no letter to them.
_BEFORE_THEM: Final = frozenset(
    {Reason.CONSENT, Reason.CARE_RELATION, Reason.ELEVATION, Reason.BREAK_GLASS}
)


@dataclass(frozen=True, slots=True)
class InboxPage:
    """One page, and where the next begins, if there may be more."""

    rows: tuple[InboxRow, ...]
    next: Place | None


def inbox(party: Party, wanted: Wanted, *, at: datetime) -> InboxPage:
    """Return one page of what lies before a party, what ends within days first, then the newest.

    That it was read is on record before anything is returned.
    """
    if standing_refusal(party, Action.VIEW) is not None:
        return InboxPage((), None)
    listed(party, at=at)
    rows: list[InboxRow] = []
    after, looked_through = wanted.after, 0
    while looked_through < _MOST_LOOKED_THROUGH:
        batch = candidates(party, wanted, after, limit=_AT_ONCE, at=at)
        for row in rows_of(party, _judged(party, batch, at), at=at):
            if not _fits(row, wanted):
                continue
            if len(rows) == PAGE:
                return InboxPage(tuple(rows), _place(rows[-1]))
            rows.append(row)
        if len(batch) < _AT_ONCE:
            return InboxPage(tuple(rows), None)
        after, looked_through = batch[-1].place, looked_through + len(batch)
    return InboxPage(tuple(rows), after)


def _judged(party: Party, batch: list[Candidate], at: datetime) -> list[tuple[Candidate, Found]]:
    ids = [each.study_id for each in batch]
    decisions = decide_all(party, Action.VIEW, ids, at=at)
    seen = {
        study_id
        for study_id, decision in decisions.items()
        if decision.allowed and decision.reason in _BEFORE_THEM
    }
    studies: dict[UUID, Study] = Study.objects.in_bulk(seen)
    ring().study_keys(list(studies))  # opened together, kept for what follows
    return [
        (each, Found(studies[each.study_id], decisions[each.study_id]))
        for each in batch
        if each.study_id in studies
    ]


def _fits(row: InboxRow, wanted: Wanted) -> bool:
    if wanted.modality and wanted.modality not in row.modalities:
        return False
    return wanted.show != "report" or row.waits_for_report


def _place(row: InboxRow) -> Place:
    return Place(0 if row.is_soon else 1, row.came_at, row.study_id)
