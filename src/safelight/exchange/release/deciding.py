"""About which exams does a party decide, for itself or for somebody else?

For programs that prepare a share: such a list needs no right to read pictures.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from safelight.exchange.access.decide import decide_all
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.access.representing.scope import authorities_of, studies_of
from safelight.exchange.release.activity import owned_studies
from safelight.exchange.release.viewing.find import find_study_by_id
from safelight.exchange.release.viewing.looks import listed
from safelight.exchange.release.viewing.overview import ExamSummary, summaries
from safelight.records.imaging.models import Study, StudyState


def own_or_acted_for(party: Party) -> set[UUID]:
    """Return the exams of a party and of those it acts for: candidates, to be judged each.

    Raises:
        NotFoundError: this party may not ask for what it decides about.
    """
    candidates = set(owned_studies(party))
    for row in authorities_of(party.account):
        candidates |= set(studies_of(row).values_list("id", flat=True))
    return candidates


def decided_page(
    party: Party, *, at: datetime, limit: int, offset: int
) -> tuple[list[ExamSummary], bool]:
    """List one page of them, the newest first, and say whether there are more.

    That the list was read is on record before.

    Raises:
        NotFoundError: this party may not ask for what it decides about.
    """
    decisions = decide_all(party, Action.READ_ACTIVITY, sorted(own_or_acted_for(party)), at=at)
    theirs = [study_id for study_id, decision in decisions.items() if decision.allowed]
    rows = Study.objects.filter(pk__in=theirs, state=StudyState.FILED)
    ids = rows.order_by("-received_at", "id").values_list("id", flat=True)
    page = list(ids[offset : offset + limit + 1])
    listed(party, at=at)
    found = [
        find_study_by_id(party, study_id, at=at, action=Action.READ_ACTIVITY)
        for study_id in page[:limit]
    ]
    return summaries(found, at=at), len(page) > limit
