"""Which of an exam's reports were written here, by whom, when, and what adds to what?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from safelight.exchange.access.facts import Party
from safelight.exchange.release.reports.content import content_of
from safelight.exchange.release.reports.models import WrittenReport
from safelight.exchange.release.viewing.overview import ExamSummary
from safelight.exchange.release.viewing.reports import Report, reports


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What is known of a report that was signed here."""

    report_id: UUID
    chain_id: UUID
    number: int
    author: str
    place: str
    signed_at: datetime
    words: tuple[str, ...]

    @property
    def addendum(self) -> int:
        """Which addendum it is; 0 for what others add to."""
        return self.number - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A report with what was added to it, each as it is shown, the first one first."""

    versions: tuple[tuple[Report, Written | None], ...]

    @property
    def adds_to(self) -> UUID | None:
        """What an addendum names: the first one, where it was written here and is seen."""
        first = self.versions[0][1]
        return first.chain_id if first is not None and first.number == 1 else None


def report_chains(party: Party, summary: ExamSummary, *, at: datetime) -> list[Chain]:
    """List an exam's reports that a party may see, with what adds to what, the newest first.

    That they were shown is on record before.

    Raises:
        NotFoundError: the exam is not this party's to see.
        CareReasonMissingError: one of the care team has not said why they look.
    """
    return _chains(summary.study_id, reports(party, summary, at=at))


def _chains(study_id: UUID, shown: Sequence[Report]) -> list[Chain]:
    """Put reports into chains; of a version that is not among those seen, nothing is told."""
    rows = WrittenReport.objects.filter(
        study_id=study_id, instance_id__in=[each.instance_id for each in shown]
    )
    known = {row.instance_id: _written(row) for row in rows}
    by_chain: dict[UUID, list[tuple[Report, Written | None]]] = {}
    for each in shown:
        written = known.get(each.instance_id)
        chain = written.chain_id if written is not None else each.instance_id
        by_chain.setdefault(chain, []).append((each, written))
    return [
        Chain(versions=tuple(sorted(versions, key=lambda pair: pair[1].number if pair[1] else 0)))
        for versions in by_chain.values()
    ]


def _written(row: WrittenReport) -> Written:
    content = content_of(row)
    assert row.signed_at is not None  # noqa: S101 (only what is signed lies in an object)
    return Written(
        report_id=row.id,
        chain_id=row.chain_id,
        number=row.number,
        author=content.author,
        place=content.place,
        signed_at=row.signed_at,
        words=content.paragraphs,
    )
