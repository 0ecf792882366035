"""Which exams are copies without a name, and of what?"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

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


def copying_of(party: Party, copying_id: str) -> Copying:
    """Return a making of copies that this party asked for.

    Raises:
        NotFoundError: it is somebody else's, or there is none.
    """
    row = Copying.objects.filter(pk=UUID(copying_id), account_id=party.account).first()
    if row is None:
        raise NotFoundError
    return row
