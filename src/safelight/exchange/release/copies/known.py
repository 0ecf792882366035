"""Which exams are copies without a name, and of what?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from safelight.exchange.access.decide import decide_all
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.release.models import Copying
from safelight.kernel.errors import NotFoundError
from safelight.records.imaging.models import StudyCopy


def profiles_of(study_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return how each of these exams that is a copy was made; the others are absent."""
    rows = StudyCopy.objects.filter(pk__in=list(study_ids))
    return dict(rows.values_list("study_id", "profile"))


def is_copy(study_id: UUID) -> bool:
    """Say whether an exam is a copy without a name."""
    return bool(profiles_of([study_id]))


def has_copies(study_id: UUID) -> bool:
    """Say whether copies without a name were made of an exam; who may know is asked before."""
    return StudyCopy.objects.filter(original_id=study_id).exists()


def original_of(party: Party, study_id: UUID, *, at: datetime) -> UUID | None:
    """Return of which exam this is a copy, to whoever may share both; None where it is none."""
    row = StudyCopy.objects.filter(pk=study_id).first()
    if row is None:
        return None
    both = decide_all(party, Action.SHARE, [row.study_id, row.original_id], at=at)
    return row.original_id if all(each.allowed for each in both.values()) else None


def copying_of(party: Party, copying_id: str) -> Copying:
    """Return a making of copies that this party asked for.

    Raises:
        NotFoundError: it is somebody else's, or there is none.
    """
    row = Copying.objects.filter(pk=UUID(copying_id), account_id=party.account).first()
    if row is None:
        raise NotFoundError
    return row
