"""What becomes of what somebody agreed to for another, once they no longer act? (R05, E7)

It rests on their authority: when that is over, by its end, its last day, a block or
the coming of age, it is paused in the same transaction and waits for the word of the
person themself, who keeps it with their own signature or ends it with a press. Why
it is paused is not told: a block gives no reason.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from safelight.exchange.consent.events import ConsentEvent
from safelight.exchange.consent.models import Consent
from safelight.platform.audit.actions import record

AUTHORITY_OVER: Final = "authority-over"


def pause_what_rests_on(representative_id: UUID, reason: str, *, at: datetime) -> None:
    """Pause every live consent that was given by this authority, in the caller's transaction.

    The caller turns the epoch and has written the end of the authority before: whoever
    signs in its name meanwhile waits for that row, and is refused or found here.
    """
    resting = Consent.objects.select_for_update().filter(
        representative_id=representative_id,
        revoked_at__isnull=True,
        suspended_at__isnull=True,
        ends_at__gt=at,
    )
    for consent in resting:
        Consent.objects.filter(pk=consent.pk).update(suspended_at=at)
        record(
            ConsentEvent.SUSPENDED,
            actor="system",
            subject=f"consent/{consent.pk}",
            vault_id=consent.vault_id,
            consent_id=consent.pk,
            reason=reason,
            at=at,
        )
