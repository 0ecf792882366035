"""Which copies without a name has a party, of what, and was any of them shared?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from safelight.exchange.access.decide import decide_all
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.consent.models import ConsentItem
from safelight.exchange.release.deciding import own_or_acted_for
from safelight.exchange.release.remove import removed_exams
from safelight.exchange.release.viewing.find import find_study_by_id
from safelight.exchange.release.viewing.looks import listed
from safelight.exchange.release.viewing.overview import summaries
from safelight.records.imaging.models import StudyCopy


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCopy:
    """One copy. `original_id` is of the exam it was made of, where the party decides about that.

    `title` is empty for a copy that was removed; `removed_until` says until when it can
    be brought back.
    """

    study_id: UUID
    original_id: UUID | None
    title: str
    profile: str
    made_at: datetime
    was_shared: bool
    removed_until: datetime | None


def copies_page(
    party: Party, *, at: datetime, limit: int, offset: int
) -> tuple[list[OwnCopy], bool]:
    """List one page of the copies a party decides about, the newest first; say if there are more.

    That the list was read is on record before.

    Raises:
        NotFoundError: this party may not ask for what it decides about.
    """
    candidates = own_or_acted_for(party)
    rows = list(StudyCopy.objects.filter(pk__in=candidates).order_by("-made_at", "study_id"))
    both = {each for row in rows for each in (row.study_id, row.original_id)}
    decided = {
        study_id
        for study_id, decision in decide_all(
            party, Action.READ_ACTIVITY, sorted(both), at=at
        ).items()
        if decision.allowed
    }
    removed = {each.study_id: each.until for each in removed_exams(party, at=at)}
    theirs = [row for row in rows if row.study_id in decided or row.study_id in removed]
    page = theirs[offset : offset + limit]
    listed(party, at=at)
    kept = [
        find_study_by_id(party, row.study_id, at=at, action=Action.READ_ACTIVITY)
        for row in page
        if row.study_id in decided
    ]
    titles = {each.study_id: each.title for each in summaries(kept, at=at)}
    ids = [row.study_id for row in page]
    shared = set(ConsentItem.objects.filter(study_id__in=ids).values_list("study_id", flat=True))
    found = [
        OwnCopy(
            study_id=row.study_id,
            original_id=row.original_id if row.original_id in decided else None,
            title=titles.get(row.study_id, ""),
            profile=row.profile,
            made_at=row.made_at,
            was_shared=row.study_id in shared,
            removed_until=None if row.study_id in decided else removed[row.study_id],
        )
        for row in page
    ]
    return found, len(theirs) > offset + limit
