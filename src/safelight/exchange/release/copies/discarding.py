"""What becomes of a copy that its giver decided not to share after all?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from safelight.exchange.access.facts import Party
from safelight.exchange.consent.models import ConsentItem
from safelight.exchange.release.copies.known import profiles_of
from safelight.exchange.release.remove import remove
from safelight.kernel.errors import NotFoundError


def discard_copies(party: Party, study_ids: Iterable[UUID], *, at: datetime) -> None:
    """Remove copies that no consent ever named; whatever else is named stays."""
    copies = set(profiles_of(study_ids))
    shared = ConsentItem.objects.filter(study_id__in=copies).values_list("study_id", flat=True)
    for study_id in sorted(copies - set(shared)):
        try:
            remove(party, study_id, at=at)
        except NotFoundError:  # it is gone already, or no longer this party's
            continue
