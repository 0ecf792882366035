"""How is a link held for a moment because somebody is trying it, and let go again?

A pause of its own kind: the recipient and the giver see that it is paused, nothing is
served under it, and the giver's own pauses stay as they are.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from safelight.exchange.access.actions import turn_for_consents
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.models import Share
from safelight.exchange.release.people import tell_giver
from safelight.exchange.release.sharing.keeping import with_passed_on
from safelight.exchange.release.sharing.pausing import PausedBy, pause, unpause
from safelight.kernel.errors import NotFoundError


@transaction.atomic
def hold_link(share_id: UUID, *, at: datetime) -> None:
    """Pause what one link gives, and tell who gave it; one that has ended is left alone.

    Raises:
        NotFoundError: there is no such link.
    """
    row = _consent_of(share_id)
    if row.revoked_at is not None or row.ends_at <= at:
        return
    pause(row, PausedBy.WATCH, None, at=at)
    turn_for_consents(with_passed_on(row))
    tell_giver(row.pk, "share-held", at=at)


@transaction.atomic
def release_link(share_id: UUID, *, at: datetime) -> None:
    """Let a held link go on; whatever else pauses it goes on pausing it."""
    row = _consent_of(share_id)
    unpause(row, PausedBy.WATCH, None, at=at)
    turn_for_consents(with_passed_on(row))


def _consent_of(share_id: UUID) -> Consent:
    consent_id = Share.objects.filter(pk=share_id).values_list("consent_id", flat=True).first()
    if consent_id is None:
        raise NotFoundError
    return Consent.objects.select_for_update().get(pk=consent_id)
