"""What becomes of a copy that its giver decided not to share after all, or wants no more?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.consent.models import ConsentItem
from safelight.exchange.release.copies.known import is_copy, profiles_of
from safelight.exchange.release.remove import bring_back, remove_found
from safelight.exchange.release.viewing.find import find_study_by_id
from safelight.kernel.errors import NotFoundError


def discard_copies(party: Party, study_ids: Iterable[UUID], *, at: datetime) -> None:
    """Remove copies that this party had made and no consent ever named; others stay.

    Whoever may prepare a share may undo what they prepared.
    """
    copies = set(profiles_of(study_ids))
    shared = ConsentItem.objects.filter(study_id__in=copies).values_list("study_id", flat=True)
    for study_id in sorted(copies - set(shared)):
        try:
            _remove(party, study_id, Action.PREPARE, at=at)
        except NotFoundError:  # it is gone already, or no longer this party's
            continue


def remove_copy(party: Party, study_id: UUID, *, at: datetime) -> None:
    """Take a copy out of sight at once, of everybody; its keys are destroyed after seven days.

    Raises:
        NotFoundError: it is no copy, or not this party's to remove.
    """
    _remove(party, study_id, Action.REMOVE, at=at)


def bring_copy_back(party: Party, study_id: UUID, *, at: datetime) -> None:
    """Undo the removal of a copy, while there is time.

    Raises:
        NotFoundError: no copy of this party's was removed under this id.
        StateConflictError: the seven days are over.
    """
    if not is_copy(study_id):
        raise NotFoundError
    bring_back(party, study_id, at=at)


def _remove(party: Party, study_id: UUID, action: Action, *, at: datetime) -> None:
    found = find_study_by_id(party, study_id, at=at, action=action)
    if not is_copy(study_id):
        raise NotFoundError
    with transaction.atomic():
        remove_found(party, found, at=at)
