"""What happens when a recipient opens what was shared with them?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import F

from safelight.exchange.release.models import Share
from safelight.exchange.release.people import tell_giver


def note_opening(consent_id: UUID, *, at: datetime) -> None:
    """Count an opening on its share and tell the owner, inside the look's transaction."""
    share = Share.objects.filter(consent_id=consent_id).first()
    if share is None:
        return
    Share.objects.filter(pk=share.pk).update(openings=F("openings") + 1, last_opened_at=at)
    tell_giver(share.consent_id, "share-opened", at=at)
