"""Which other exams of the same patient may somebody see beside this one, in order of time?

Of one record, and of the records at other institutions that the same person claimed; never by
a name, a number or a birth date that are alike. It says of each what an inbox says, and opens
nothing that a consent gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from safelight.exchange.access.bounds import of_the_same_person, of_the_same_record
from safelight.exchange.access.decide import decide_all
from safelight.exchange.access.decision import Action, Reason
from safelight.exchange.access.facts import Party
from safelight.exchange.release.inbox.reaching import Candidate
from safelight.exchange.release.inbox.rows import REPORTS, InboxRow, rows_of
from safelight.exchange.release.viewing.asked_why import asked_why
from safelight.exchange.release.viewing.find import Found
from safelight.exchange.release.viewing.looks import look
from safelight.records.imaging.models import Study

_MOST: Final = 200
_NO_DAY: Final = date.min


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """One other exam of the patient.

    `is_comparable`: it shows the same part of the body. `is_beside`: the full viewer can put
    it beside the exam, whose address bounds it to the one record.
    """

    row: InboxRow
    is_earlier: bool
    is_comparable: bool
    is_beside: bool


def timeline(party: Party, study_id: UUID, *, at: datetime) -> list[Prior]:
    """List the patient's other exams that this party may see, the newest first.

    The exam itself was opened already; for whoever may not see it the list is empty.
    """
    beside = of_the_same_record(study_id)
    others = sorted(beside | of_the_same_person(study_id))[:_MOST]
    decisions = decide_all(party, Action.VIEW, [study_id, *others], at=at)
    seen = [each for each in decisions if decisions[each].allowed]
    if study_id not in seen or len(seen) == 1:
        return []
    studies = Study.objects.in_bulk(seen)
    found = [Found(studies[each], decisions[each]) for each in seen]
    closed = asked_why(party, found, at=at)
    acted_for = [each for each in found if each.decision.reason == Reason.REPRESENTATIVE]
    for each in acted_for:
        look(party, each, at=at)
    looked = frozenset(each.study.id for each in acted_for)
    rows = rows_of(party, [(_as_candidate(each), each) for each in found], at=at, looked=looked)
    (this,) = [row for row in rows if row.study_id == study_id]
    day = studies[study_id].study_on or _NO_DAY
    priors = [
        Prior(
            row=row,
            is_earlier=(studies[row.study_id].study_on or _NO_DAY) <= day,
            is_comparable=bool(row.parts & this.parts),
            is_beside=row.study_id in beside
            and row.study_id not in closed
            and bool(set(row.modalities) - REPORTS),
        )
        for row in rows
        if row is not this
    ]
    return sorted(
        priors, key=lambda each: studies[each.row.study_id].study_on or _NO_DAY, reverse=True
    )


def _as_candidate(found: Found) -> Candidate:
    return Candidate(found.study.id, found.study.received_at, is_soon=False)
